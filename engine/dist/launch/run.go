package launch

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"udml-gpu/engine/setting"
)

// listenVariable names the variable with the number of the file in which rank 0 inherits the socket that it listens at.
const listenVariable = "UDML_LISTEN_FD"

// Options say what Run starts.
type Options struct {
	Ranks   int
	Command []string // program and arguments
	Env     []string // as os.Environ, which is taken for nil
	Stdout  *os.File // of rank 0; nil: os.Stdout
	Stderr  *os.File // nil: os.Stderr. Rank 0 has it as its own, so that a progress bar works; lines of others begin with "rank 2: "
	// Grace is how long the ranks have to end after SIGTERM, before SIGKILL, and at most how long they have to end by themselves after one
	// has failed, before SIGTERM; 0: 10 s.
	Grace time.Duration
}

// Run starts a program once for each rank, all on this machine, and returns when all have ended.
//
// Signals that stop a run or ask for a checkpoint are passed on to all ranks, which are in process groups of their own, so that Ctrl-C
// reaches them once. If this process is killed, the system kills the ranks. When ctx ends they get SIGTERM, and SIGKILL after Grace. When a
// rank has failed, which is any end but with code 0 or 75, the others have 2 s to end by themselves; then they get SIGTERM, and after Grace
// SIGKILL.
//
// The exit code is 0 if that of all is. Otherwise it is that of the first cause in time, by kind: a code other than 6 and 75; 128 and the
// signal that killed a rank, if Run has not sent it to end the others; 75; 6, since that is what others end with when one is gone.
// Standard output of the ranks other than 0 goes the way of their standard error. An error says that a rank could not be started.
func Run(ctx context.Context, o Options) (int, error) {
	if o.Ranks < 1 || len(o.Command) == 0 {
		return 0, setting.Usage("%d ranks cannot be started", o.Ranks)
	}
	o = o.completed()
	// The system kills a rank when the thread that has started it ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, passedOn()...)
	defer signal.Stop(signals)
	pipe := make(chan os.Signal, 1)
	signal.Notify(pipe, syscall.SIGPIPE) // a closed standard error must not end this process before its ranks
	defer signal.Stop(pipe)
	g := &gang{ended: make(chan *member, o.Ranks), grace: o.Grace, stderr: o.Stderr}
	if err := g.start(o); err != nil {
		g.kill()
		g.wait(ctx, signals)
		return 0, err
	}
	g.wait(ctx, signals)
	return g.code(), nil
}

func (o Options) completed() Options {
	if o.Env == nil {
		o.Env = os.Environ()
	}
	o.Stdout = cmp.Or(o.Stdout, os.Stdout)
	o.Stderr = cmp.Or(o.Stderr, os.Stderr)
	o.Grace = cmp.Or(o.Grace, 10*time.Second)
	return o
}

// passedOn are the signals that the ranks get.
func passedOn() []os.Signal {
	list := []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGXCPU}
	if !signal.Ignored(syscall.SIGHUP) { // as with nohup
		list = append(list, syscall.SIGHUP)
	}
	return list
}

// start starts all ranks. The socket of rank 0 is opened here and inherited, so that no other program can take its port meanwhile.
func (g *gang) start(o Options) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("no port can be opened on this machine: %w", err)
	}
	defer l.Close()
	socket, err := l.(*net.TCPListener).File()
	if err != nil {
		return err
	}
	defer socket.Close()
	common := append(cleared(o.Env), "UDML_RANKS="+strconv.Itoa(o.Ranks), "UDML_LOCAL_RANKS="+strconv.Itoa(o.Ranks),
		"UDML_MASTER="+l.Addr().String(), "UDML_TOKEN="+rand.Text())
	for r := range o.Ranks {
		cmd := exec.Command(o.Command[0], o.Command[1:]...)
		cmd.Env = append(slices.Clone(common), "UDML_RANK="+strconv.Itoa(r), "UDML_LOCAL_RANK="+strconv.Itoa(r))
		if !slices.ContainsFunc(o.Env, func(v string) bool { return strings.HasPrefix(v, "GOMAXPROCS=") }) {
			cmd.Env = append(cmd.Env, "GOMAXPROCS="+strconv.Itoa(share(r, o.Ranks, runtime.GOMAXPROCS(0))))
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
		cmd.WaitDelay = time.Second // for a pipe that a program of the rank keeps open
		m := &member{rank: r, cmd: cmd}
		if r == 0 {
			cmd.Stdout, cmd.Stderr = o.Stdout, o.Stderr
			cmd.ExtraFiles = []*os.File{socket}
			cmd.Env = append(cmd.Env, listenVariable+"=3")
		} else {
			m.out = &prefixed{to: o.Stderr, lock: &g.writing, prefix: fmt.Sprintf("rank %d: ", r)}
			cmd.Stdout, cmd.Stderr = m.out, m.out
		}
		if err := cmd.Start(); err != nil {
			return fmt.Errorf("rank %d cannot be started: %w", r, err)
		}
		g.members = append(g.members, m)
		go func() {
			_ = cmd.Wait()
			g.ended <- m
		}()
	}
	return nil
}

// cleared is an environment without the variables that are set for each rank.
func cleared(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains([]string{
			"UDML_RANK", "UDML_RANKS", "UDML_LOCAL_RANK", "UDML_LOCAL_RANKS", "UDML_MASTER", "UDML_TOKEN", listenVariable,
		}, name)
	})
}

// share is how many of the cores a rank has.
func share(rank, ranks, cores int) int {
	n := cores / ranks
	if rank < cores%ranks {
		n++
	}
	return max(n, 1)
}

// Listener is the socket that Run has opened for rank 0; nil where there is none.
func Listener(getenv func(string) string) (net.Listener, error) {
	text := getenv(listenVariable)
	if text == "" {
		return nil, nil
	}
	fd, err := strconv.Atoi(text)
	if err != nil || fd < 3 {
		return nil, setting.Usage("%s=%q is not the number of an inherited socket: unset it", listenVariable, text)
	}
	file := os.NewFile(uintptr(fd), "socket of rank 0")
	defer file.Close()
	l, err := net.FileListener(file)
	if err != nil {
		return nil, setting.Usage("%s=%s is not an inherited socket (%v): unset it", listenVariable, text, err)
	}
	if at := l.Addr().String(); at != getenv("UDML_MASTER") {
		l.Close()
		return nil, setting.Usage("%s=%s is a socket at %s, but UDML_MASTER=%s: unset both",
			listenVariable, text, at, getenv("UDML_MASTER"))
	}
	return l, nil
}

// prefixed writes whole lines with a prefix; of a long line, pieces.
type prefixed struct {
	to     *os.File
	lock   *sync.Mutex // of all that write there
	prefix string
	line   []byte
}

// maxLine is how much of a line is kept until its end comes.
const maxLine = 8 << 10

// Write never fails: a log that nobody reads must not end a rank.
func (p *prefixed) Write(text []byte) (int, error) {
	for _, b := range text {
		if b != '\n' {
			p.line = append(p.line, b)
		}
		if b == '\n' || len(p.line) == maxLine {
			p.flush()
		}
	}
	return len(text), nil
}

// flush writes what there is as a line.
func (p *prefixed) flush() {
	p.lock.Lock()
	defer p.lock.Unlock()
	_, _ = p.to.WriteString(p.prefix + string(p.line) + "\n")
	p.line = p.line[:0]
}

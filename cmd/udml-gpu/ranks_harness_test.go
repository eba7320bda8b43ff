package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ranksHarness is the program as a file that starts itself, and images, for runs of several processes.
type ranksHarness struct{ *harness }

func newRanksHarness(t *testing.T) ranksHarness {
	if runtime.GOOS != "linux" {
		t.Skip("processes are looked up in /proc")
	}
	v := newHarness(t)
	self, err := os.Executable()
	if err == nil {
		err = os.Remove(v.bin)
	}
	if err == nil {
		err = os.Link(self, v.bin) // not a symbolic link: --ranks starts the file that this process is
	}
	if err != nil {
		t.Fatal(err)
	}
	return ranksHarness{v}
}

// process is the program, or a launcher of it, that a test has started.
type process struct {
	*exec.Cmd
	log   string // the file with its output
	ended chan struct{}
}

// start starts a command in dir. It dies with the test.
func (v ranksHarness) start(dir string, env []string, command ...string) *process {
	v.Helper()
	p := &process{Cmd: exec.Command(command[0], command[1:]...), ended: make(chan struct{})}
	out, err := os.CreateTemp(v.dir, "log-*.txt")
	if err != nil {
		v.Fatal(err)
	}
	defer out.Close()
	p.log = out.Name()
	p.Dir, p.Stdout, p.Stderr = dir, out, out
	p.Env = append(append(os.Environ(), "UDML_LIBCUDA=none", "GOMAXPROCS=1"), env...)
	// The own group keeps a signal to one process from others.
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.Start(); err != nil {
		v.Fatal(err)
	}
	go func() {
		_ = p.Wait() // its code is looked at where it matters
		close(p.ended)
	}()
	v.Cleanup(func() {
		_ = p.Process.Kill()
		<-p.ended
	})
	return p
}

// said is what the process has written.
func (p *process) said() string {
	b, _ := os.ReadFile(p.log)
	return string(b)
}

// within waits for the end of the process and gives its exit code, 128 and the signal that ended it.
func (v ranksHarness) within(p *process, limit time.Duration) int {
	v.Helper()
	select {
	case <-p.ended:
	case <-time.After(limit):
		v.Fatalf("the process has not ended within %v: %s", limit, p.said())
	}
	if status := p.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
		return 128 + int(status.Signal())
	}
	return p.ProcessState.ExitCode()
}

// ranks starts ranks without a launcher. command gives program and arguments of each, and the folder that it works in.
func (v ranksHarness) ranks(n int, command func(rank int) (dir string, args []string)) []*process {
	v.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		v.Fatal(err)
	}
	master := l.Addr().String()
	l.Close()
	list := make([]*process, n)
	for r := range list {
		dir, args := command(r)
		list[r] = v.start(dir, []string{
			"UDML_RANK=" + strconv.Itoa(r), "UDML_RANKS=" + strconv.Itoa(n), "UDML_MASTER=" + master, "UDML_TOKEN=test",
		}, args...)
	}
	return list
}

// same is the command for all ranks that train or resume the run in out.
func (v ranksHarness) same(out string, more ...string) func(int) (string, []string) {
	return func(int) (string, []string) { return v.dir, v.train(out, more...) }
}

// train are program and arguments that begin or resume the run in out: 24 images in batches of 8, in 4 shards.
func (v ranksHarness) train(out string, more ...string) []string {
	return append([]string{
		v.bin, "train", "--data", "photos", "--backbone", "conv4", "--size", "16", "--dim", "16", "--batch", "8", "--clusters", "4",
		"--epochs", "3", "--eval-every", "1", "--checkpoint-steps", "1", "--keep", "2", "--optimizer", "adamw", "--shards", "4",
		"--out", out, "--resume-if-any",
	}, more...)
}

// launched are the same for the launcher of the program with so many ranks.
func (v ranksHarness) launched(out string, ranks int, more ...string) []string {
	return v.train(out, append([]string{"--ranks", strconv.Itoa(ranks)}, more...)...)
}

// whole is the run in the folder out of one process, which nobody disturbs.
func (v ranksHarness) whole(out string, more ...string) string {
	v.Helper()
	p := v.start(v.dir, nil, v.train(out, more...)...)
	if code := v.within(p, stuckAfter); code != 0 {
		v.Fatalf("code %d: %s", code, p.said())
	}
	return filepath.Join(v.dir, out)
}

// awaits waits until the file holds the text; false if the process ends before.
func (p *process) awaits(path, text string) bool { return awaitText(path, text, p.ended) }

// events is the file with the events of the run in out.
func (v ranksHarness) events(out string) string { return filepath.Join(v.dir, out, "events.jsonl") }

// finishes goes on with the run in out on so many ranks, to the bytes of whole.
func (v ranksHarness) finishes(whole, out string, ranks int, more ...string) {
	v.Helper()
	p := v.start(v.dir, nil, v.launched(out, ranks, more...)...)
	if code := v.within(p, stuckAfter); code != 0 {
		v.Fatalf("%d ranks go on with code %d: %s", ranks, code, p.said())
	}
	v.compare(whole, filepath.Join(v.dir, out))
	v.checkEvents(filepath.Join(v.dir, out), false)
}

// rankProcesses are the processes of the ranks that a launcher has started, by rank; those that have ended are 0.
func rankProcesses(launcher int) map[int]int {
	found := map[int]int{}
	for _, child := range children(launcher) {
		env, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", child))
		for _, line := range bytes.Split(env, []byte{0}) {
			if text, ok := bytes.CutPrefix(line, []byte("UDML_RANK=")); ok {
				rank, _ := strconv.Atoi(string(text))
				found[rank] = child
			}
		}
	}
	return found
}

// children are the processes that any thread of a process has started.
func children(of int) (pids []int) {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", of))
	for _, list := range lists {
		b, _ := os.ReadFile(list)
		for _, child := range strings.Fields(string(b)) {
			pid, _ := strconv.Atoi(child)
			pids = append(pids, pid)
		}
	}
	return pids
}

// awaitRanks waits until a launcher has started so many ranks; nil if it ends before.
func awaitRanks(p *process, n int) map[int]int {
	for {
		if found := rankProcesses(p.Process.Pid); len(found) == n {
			return found
		}
		select {
		case <-p.ended:
			return nil
		case <-time.After(time.Millisecond):
		}
	}
}

// runs says whether a process exists and is not one that has ended and is yet to be waited for.
func runs(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, state, _ := strings.Cut(string(b), ") ")
	return err == nil && !strings.HasPrefix(state, "Z")
}

// allGone waits until none of the processes runs any more.
func (v ranksHarness) allGone(limit time.Duration, pids ...int) {
	v.Helper()
	for began := time.Now(); slices.ContainsFunc(pids, runs); time.Sleep(time.Millisecond) {
		if time.Since(began) > limit {
			v.Fatalf("processes %v have not all ended within %v", pids, limit)
		}
	}
}

// noHalfFiles: the run in out must hold no file that is not finished, but in a checkpoint that a killed process was writing.
func (v ranksHarness) noHalfFiles(out string, killed bool) {
	v.Helper()
	half := regexp.MustCompile(`\.tmp-|/\.`)
	for _, name := range v.files(filepath.Join(v.dir, out)) {
		if half.MatchString("/"+name) && name != "." && !killed {
			v.Errorf("%s is left in %s", name, out)
		}
	}
}

// equal: the files must have the same bytes.
func (v ranksHarness) equal(a, b string) {
	v.Helper()
	x, err := os.ReadFile(a)
	y, failed := os.ReadFile(b)
	if err != nil || failed != nil || !bytes.Equal(x, y) {
		v.Errorf("%s and %s differ: %v, %v", a, b, err, failed)
	}
}

// absent: nothing of that name may be in the harness' folder.
func (v ranksHarness) absent(name string) {
	v.Helper()
	if _, err := os.Lstat(filepath.Join(v.dir, name)); !errors.Is(err, os.ErrNotExist) {
		v.Errorf("%s is left: %v", name, entries(filepath.Join(v.dir, name)))
	}
}

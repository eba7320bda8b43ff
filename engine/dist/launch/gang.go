package launch

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"udml-gpu/engine/dist"
)

// gang is the ranks that Run has started.
type gang struct {
	members []*member
	ended   chan *member // gets each one when it has ended
	order   []*member    // in which they have ended
	grace   time.Duration
	ending  bool // Run has begun to end the ranks
	failed  bool // since one of them has failed
	stderr  *os.File
	writing sync.Mutex
}

// member is one rank.
type member struct {
	rank int
	cmd  *exec.Cmd
	out  *prefixed // nil for rank 0
	// Once it has ended:
	over   bool
	code   int
	killed syscall.Signal // that has ended it; 0 for none
	ours   bool           // Run has ended it, or has stopped it after another one had failed
}

// wait returns when all ranks have ended; meanwhile it passes signals on and ends the ranks that are left when one has failed.
func (g *gang) wait(ctx context.Context, signals <-chan os.Signal) {
	var clock <-chan time.Time
	asked := ctx.Done()
	for len(g.order) < len(g.members) {
		select {
		case s := <-signals:
			g.signal(s)
		case <-asked:
			asked = nil
			g.ending = true
			g.signal(syscall.SIGTERM)
			clock = time.After(g.grace)
		case m := <-g.ended:
			if g.note(m) && clock == nil {
				clock = time.After(min(g.grace, noticing))
			}
		case <-clock:
			if g.ending {
				g.kill()
				continue
			}
			g.ending, g.failed = true, true
			g.signal(syscall.SIGTERM)
			clock = time.After(g.grace)
		}
	}
}

// noticing is how long ranks have to notice by themselves that one has failed. Those that are not connected yet do not.
const noticing = 2 * time.Second

// signal sends a signal to the ranks that still run.
func (g *gang) signal(s os.Signal) {
	for _, m := range g.members {
		if !m.over {
			_ = m.cmd.Process.Signal(s)
		}
	}
}

// kill ends the ranks that still run.
func (g *gang) kill() {
	g.ending = true
	g.signal(syscall.SIGKILL)
}

// note keeps how a rank has ended and says whether it has failed.
func (g *gang) note(m *member) (failed bool) {
	m.over = true
	m.code = m.cmd.ProcessState.ExitCode()
	if status, ok := m.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		m.killed = status.Signal()
		m.code = 128 + int(m.killed)
		m.ours = g.ending && (m.killed == syscall.SIGTERM || m.killed == syscall.SIGKILL)
	}
	m.ours = m.ours || g.failed && m.code == dist.ExitStopped
	if m.out != nil && len(m.out.line) > 0 {
		m.out.flush()
	}
	if m.killed != 0 && !m.ours { // it could not say so itself
		g.writing.Lock()
		_, _ = fmt.Fprintf(g.stderr, "udml-gpu: rank %d was ended by a signal (%s)\n", m.rank, m.killed)
		g.writing.Unlock()
	}
	g.order = append(g.order, m)
	return m.code != 0 && m.code != dist.ExitStopped
}

// code is the exit code for all, as Run describes it.
func (g *gang) code() int {
	for _, kind := range []func(m *member) bool{
		func(m *member) bool {
			return m.killed == 0 && m.code != 0 && m.code != dist.ExitPeer && m.code != dist.ExitStopped
		},
		func(m *member) bool { return m.killed != 0 && !m.ours },
		func(m *member) bool { return m.code == dist.ExitStopped && !m.ours },
		func(m *member) bool { return m.code == dist.ExitPeer },
		func(m *member) bool { return m.code != 0 },
	} {
		for _, m := range g.order {
			if kind(m) {
				return m.code
			}
		}
	}
	return 0
}

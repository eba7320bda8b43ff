package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"udml-gpu/engine/dist/ranks"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/run"
)

// endless trains until something happens, with epochs of 100 steps. Ranks wait longer for each other between epochs, and in a step before
// which rank 0 has yet to write the last checkpoint: so checkpoints are far apart.
var endless = []string{
	"--data", "demo:20", "--labels", "none", "--batch", "4", "--epochs", "1000", "--checkpoint-steps", "50", "--eval-every", "0",
}

// TestRanksLost: where a rank is killed the others end with code 6 within 2 s, and where it hangs within --peer-timeout. They name the
// rank, its host and what they did. The run is intact: another number of ranks goes on with it. Nothing lies in shared memory.
func TestRanksLost(t *testing.T) {
	v := newRanksHarness(t)
	const limit = 2 * time.Second
	for i, c := range []struct {
		signal syscall.Signal
		victim int
		within time.Duration
		says   string
	}{
		{syscall.SIGKILL, 1, 2 * time.Second, "the connection was closed"},
		{syscall.SIGKILL, 0, 2 * time.Second, "the connection was closed"},
		{syscall.SIGSTOP, 1, limit, "no answer in 2s"},
		{syscall.SIGSTOP, 0, limit, "no answer in 2s"},
	} {
		out := fmt.Sprintf("run%d", i)
		list := v.ranks(3, v.same(out, append([]string{"--peer-timeout", limit.String()}, endless...)...))
		if !list[0].awaits(v.events(out), `"epoch":0,"epoch_step":50,`) {
			t.Fatalf("ended before: %s", list[0].said())
		}
		maps, _ := os.ReadFile(fmt.Sprintf("/proc/%d/maps", list[2].Process.Pid))
		if len(maps) == 0 || strings.Contains(string(maps), "/dev/shm/") {
			t.Errorf("a rank over TCP uses shared memory: %s", maps)
		}
		_ = list[c.victim].Process.Signal(c.signal)
		began := time.Now()
		named := regexp.MustCompile(fmt.Sprintf(`rank %d on %s: %s \([a-z ]+\)`, c.victim, regexp.QuoteMeta(machine.Host()), c.says))
		for rank, p := range list {
			if rank == c.victim {
				continue
			}
			if code := v.within(p, stuckAfter); code != exitPeer || !named.MatchString(p.said()) {
				t.Errorf("rank %d after %v of rank %d: code %d, want %v in: %s", rank, c.signal, c.victim, code, named, p.said())
			}
			if took := time.Since(began); took > c.within+lostGrace+hurry {
				t.Errorf("rank %d after %v of rank %d: %v", rank, c.signal, c.victim, took)
			}
		}
		t.Logf("%v of rank %d: the others have ended after %v", c.signal, c.victim, time.Since(began))
		for rank := 1; rank < 3; rank++ {
			v.checkRankLog(out, rank, rank != c.victim)
		}
		v.endsToo(list[c.victim], c.signal)
		v.noHalfFiles(out, c.victim == 0 && c.signal == syscall.SIGKILL)
		p := v.start(v.dir, nil, v.launched(out, 1+i, endless...)...)
		p.awaits(v.events(out), `"event":"resume"`)
		_ = p.Process.Signal(syscall.SIGTERM)
		if code := v.within(p, stopWithin); code != exitStopped {
			t.Errorf("the run cannot go on: code %d: %s", code, p.said())
		}
	}
}

// checkRankLog: the log of a rank must begin with its start and, if it noticed that another one was lost, end with that.
func (v ranksHarness) checkRankLog(out string, rank int, lost bool) {
	v.Helper()
	b, _ := os.ReadFile(filepath.Join(v.dir, out, run.RanksFolder, fmt.Sprintf("%04d.jsonl", rank)))
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	var e struct {
		Event string
		About struct {
			Host, Reason string
			PID          int
			Exchanges    []ranks.Exchange
		}
	}
	if err := json.Unmarshal([]byte(lines[0]), &e); err != nil || e.Event != "start" || e.About.Host == "" || e.About.PID == 0 {
		v.Errorf("rank %d begins with %q: %v", rank, lines[0], err)
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &e); err != nil || lost != (e.Event == "lost") {
		v.Errorf("rank %d ends with %q: %v", rank, lines[len(lines)-1], err)
	}
	for _, x := range e.About.Exchanges {
		if x.Op == "" || x.Bytes < 1 || x.Microseconds < 0 {
			v.Errorf("rank %d has exchanged %+v", rank, x)
		}
	}
	if n := len(e.About.Exchanges); lost && n != 64 {
		v.Errorf("rank %d has kept %d exchanges", rank, n)
	}
}

// endsToo: a rank that was stopped notices, once it goes on, that the others are gone.
func (v ranksHarness) endsToo(p *process, by syscall.Signal) {
	v.Helper()
	want := 128 + int(syscall.SIGKILL)
	if by == syscall.SIGSTOP {
		_ = p.Process.Signal(syscall.SIGCONT)
		want = exitPeer
	}
	if code := v.within(p, stopWithin); code != want {
		v.Errorf("the rank ends with code %d, want %d: %s", code, want, p.said())
	}
}

// TestRanksLauncherLost: a rank of the program's own launcher that is killed ends all, with the code of the signal; so does the launcher.
func TestRanksLauncherLost(t *testing.T) {
	v := newRanksHarness(t)
	whole := v.whole("whole")
	for i, victim := range []int{0, 1, -1} {
		out := fmt.Sprintf("run%d", i)
		p := v.start(v.dir, nil, v.launched(out, 2)...)
		pids := awaitRanks(p, 2)
		pids[-1] = p.Process.Pid
		if !p.awaits(v.events(out), `"event":"checkpoint"`) {
			t.Fatalf("ended before: %s", p.said())
		}
		_ = syscall.Kill(pids[victim], syscall.SIGKILL)
		if code := v.within(p, stopWithin); code != 128+int(syscall.SIGKILL) {
			t.Errorf("code %d: %s", code, p.said())
		}
		if said := fmt.Sprintf("rank %d was ended by a signal (killed)", victim); victim >= 0 && !strings.Contains(p.said(), said) {
			t.Errorf("not %q: %s", said, p.said())
		}
		v.allGone(time.Second, pids[0], pids[1])
		v.finishes(whole, out, 2+i)
	}
}

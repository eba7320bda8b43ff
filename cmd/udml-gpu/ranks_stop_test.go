package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stopWithin is how long a run may take to end after a signal, beyond a step of milliseconds.
const stopWithin = 10 * time.Second

// longer are settings with which each kind of work takes a while: 400 images in the folder many.
var longer = []string{
	"--data", "many", "--size", "24", "--batch", "16", "--epochs", "2", "--checkpoint-steps", "2", "--head-init", "whiten",
	"--final-whiten",
	"--positives", "neighbours", "--keep", "99",
}

// TestRanksStop: SIGTERM to rank 1 of three alone, in any kind of work, ends all of them with code 75, saved at one place, and another
// number of ranks goes on to the bytes of an undisturbed run.
func TestRanksStop(t *testing.T) {
	v := newRanksHarness(t)
	v.pictures("many", 400)
	whole := v.whole("whole", longer...)
	for i, c := range []struct {
		in     string
		file   string // of rank 0: its log, or the run's events
		text   string // after which the signal comes
		later  time.Duration
		before string // what is not in the events if the signal came in time
		says   string
	}{
		{"decoding", "", "ranks, started by", 0, `"start"`, "before training began"},
		{"whitening", "", "ready to train", 0, `"start"`, "before training began"},
		{"evaluation", "events", `"event":"start"`, 0, `"evaluation"`, "before the first epoch was saved"},
		{"step", "events", `"epoch":0,"epoch_step":8`, 0, `"epoch":1`, " of epoch 1 of 2 is saved"},
	} {
		t.Run(c.in, func(t *testing.T) {
			v := ranksHarness{&harness{T: t, bin: v.bin, dir: v.dir}}
			for try := 0; ; try++ {
				out := strings.ReplaceAll(c.in, " ", "-") + strings.Repeat("x", try)
				said := v.stopped(out, c.file, c.text, c.later)
				events, _ := os.ReadFile(v.events(out))
				inTime := strings.Contains(said, c.says) && strings.Contains(said, "ready to train") == (c.in != "decoding") &&
					!strings.Contains(string(events), c.before)
				if !inTime && try < 5 {
					continue // the work was over when the signal came
				}
				if !inTime {
					t.Fatalf("the signal never came in time: %s\n%s", said, events)
				}
				v.noHalfFiles(out, false)
				v.finishes(whole, out, 1+i%4, longer...)
				return
			}
		})
	}
}

// stopped begins a run of three ranks, sends SIGTERM to rank 1 when the file holds the text, and gives what rank 0 has said. All must end
// with code 75.
func (v ranksHarness) stopped(out, file, text string, later time.Duration) string {
	v.Helper()
	list := v.ranks(3, v.same(out, longer...))
	path := list[0].log
	if file == "events" {
		path = v.events(out)
	}
	list[0].awaits(path, text)
	time.Sleep(later)
	_ = list[1].Process.Signal(syscall.SIGTERM)
	for rank, p := range list {
		if code := v.within(p, stopWithin); code != exitStopped {
			v.Fatalf("rank %d ends with code %d: %s", rank, code, p.said())
		}
	}
	return list[0].said()
}

// TestRanksLauncherSignals: the launcher passes signals on, and its code is that of the ranks. SIGUSR1 writes a checkpoint, the others stop
// the run, saved.
func TestRanksLauncherSignals(t *testing.T) {
	v := newRanksHarness(t)
	// No checkpoints but those that are asked for. A stop that falls on the end of an epoch writes one that is kept like any other: the
	// undisturbed run has none there, so only the newest is kept.
	rare := []string{"--checkpoint-steps", "0", "--epochs", "40", "--checkpoint-every", "40", "--eval-every", "10", "--keep", "1"}
	whole := v.whole("whole", rare...)
	for _, c := range []struct {
		signal syscall.Signal
		code   int
	}{{syscall.SIGUSR1, 0}, {syscall.SIGUSR2, exitStopped}, {syscall.SIGTERM, exitStopped}} {
		out := c.signal.String()
		p := v.start(v.dir, nil, v.launched(out, 2, rare...)...)
		pids := awaitRanks(p, 2)
		if !p.awaits(v.events(out), `"epoch":10,`) {
			t.Fatalf("%v: ended before: %s", c.signal, p.said())
		}
		_ = p.Process.Signal(c.signal)
		if code := v.within(p, stuckAfter); code != c.code {
			t.Errorf("%v: code %d, want %d: %s", c.signal, code, c.code, p.said())
		}
		v.allGone(time.Second, pids[0], pids[1])
		saved := entries(filepath.Join(v.dir, out, "checkpoints"))
		switch {
		case c.code == 0 && !strings.Contains(p.said(), "as a signal asked for"),
			c.code != 0 && (!strings.Contains(p.said(), "is saved, and") || len(saved) != 2): // and the link last
			t.Errorf("%v: checkpoints %v: %s", c.signal, saved, p.said())
		case c.code != 0:
			v.finishes(whole, out, 3, rare...)
			continue
		}
		for _, name := range []string{"model.safetensors", "optimizer.safetensors"} {
			v.equal(filepath.Join(whole, "checkpoints/last", name), filepath.Join(v.dir, out, "checkpoints/last", name))
		}
	}
}

// TestRanksStopBeforeAllCome: a rank that waits for others is stopped with code 75, and the run's folder is not made.
func TestRanksStopBeforeAllCome(t *testing.T) {
	v := newRanksHarness(t)
	for rank := range 2 {
		p := v.ranks(2, func(r int) (string, []string) {
			if r != rank {
				return v.dir, []string{"true"}
			}
			return v.dir, v.train("run")
		})[rank]
		time.Sleep(300 * time.Millisecond)
		_ = p.Process.Signal(syscall.SIGTERM)
		code := v.within(p, stopWithin)
		if code != exitStopped || !strings.Contains(p.said(), "stopped by a signal before all ranks had come") {
			t.Errorf("rank %d ends with code %d: %s", rank, code, p.said())
		}
		v.absent("run")
	}
}

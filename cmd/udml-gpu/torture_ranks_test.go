package main

import (
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"udml-gpu/kernels/rng"
)

// TestTortureRanks kills one rank of a short run again and again, which one and when drawn from a seed, a third of the times within the
// write of a checkpoint, and resumes it each time with another number of ranks. The run must end with the bytes of one process that was
// never disturbed. UDML_KILLS and UDML_SEED change the number of kills and what is drawn.
func TestTortureRanks(t *testing.T) {
	kills, seed := fromEnv(t, "UDML_KILLS", 6), fromEnv(t, "UDML_SEED", 1)
	v := newRanksHarness(t)
	whole := v.whole("whole")
	began := time.Now()
	v.finishes(whole, "four", 4)
	took := time.Since(began)
	for killed, runs := 0, 0; killed < kills; runs++ {
		out := fmt.Sprintf("run%03d", runs)
		for attempt := 0; ; attempt++ {
			at := rng.Key{Seed: uint64(seed), Sample: uint32(runs), Epoch: uint32(attempt), Op: rng.OpBench}.At(0)
			ranks := 1 + int(at[1]%4)
			if attempt > 0 && ranks == 1+int(rng.Key{Seed: uint64(seed), Sample: uint32(runs), Epoch: uint32(attempt - 1), Op: rng.OpBench}.At(0)[1]%4) {
				ranks = 1 + ranks%4
			}
			after := time.Duration(float64(took) * float64(at[0]) / (1 << 32))
			if killed == kills {
				after = stuckAfter // all kills are done
			}
			if v.attemptRanks(out, ranks, int(at[2]%uint32(ranks)), after, at[3]%3 == 0) {
				break
			}
			killed++
			v.checkMetrics(filepath.Join(v.dir, out))
			v.checkEvents(filepath.Join(v.dir, out), true)
		}
		v.compare(whole, filepath.Join(v.dir, out))
		v.checkEvents(filepath.Join(v.dir, out), false)
	}
	t.Logf("%d kills, %v for an undisturbed run", kills, took)
}

// attemptRanks begins or resumes the run in out on so many ranks and kills one of them after that time or, with inWrite, in the next write
// of a checkpoint after it. It returns whether the run finished before. All processes must have ended soon after, with the code of the
// launcher.
func (v ranksHarness) attemptRanks(out string, ranks, victim int, after time.Duration, inWrite bool) (finished bool) {
	v.Helper()
	p := v.start(v.dir, nil, v.launched(out, ranks)...)
	pids := map[int]int{0: p.Process.Pid} // --ranks 1 starts no further process
	if ranks > 1 {
		pids = awaitRanks(p, ranks)
	}
	select {
	case <-p.ended:
	case <-time.After(after):
		for inWrite && !v.writing(filepath.Join(v.dir, out)) && runs(p.Process.Pid) {
			time.Sleep(50 * time.Microsecond)
		}
	}
	if pids != nil && runs(p.Process.Pid) {
		_ = syscall.Kill(pids[victim], syscall.SIGKILL)
	}
	killed := time.Now()
	switch code := v.within(p, stuckAfter); code {
	case 0:
		return true
	case 128 + int(syscall.SIGKILL):
	default:
		v.Fatalf("%s, rank %d of %d killed: code %d: %s", out, victim, ranks, code, p.said())
	}
	if took := time.Since(killed); took > lostGrace+hurry {
		v.Errorf("%s, rank %d of %d killed: the others needed %v: %s", out, victim, ranks, took, p.said())
	}
	for _, pid := range pids {
		v.allGone(time.Second, pid)
	}
	return false
}

// hurry is how much longer than planned a busy machine may take.
const hurry = 4 * time.Second

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestRanksUnderMPI: a run under mpirun, of whichever library, leaves the bytes of one process. SIGUSR2 to mpirun ends it with code 75
// and a checkpoint, from which it goes on, also without mpirun. A rank that is killed ends everything. make test-mpi sets UDML_MPIRUN.
func TestRanksUnderMPI(t *testing.T) {
	mpirun := strings.Fields(os.Getenv("UDML_MPIRUN"))
	if len(mpirun) == 0 {
		t.Skip("UDML_MPIRUN names no mpirun")
	}
	v := newRanksHarness(t)
	whole := v.whole("whole")
	launched := func(out string) *process {
		return v.start(v.dir, nil, append(append(mpirun, "-n", "2"), v.train(out)...)...)
	}
	p := launched("run")
	if code := v.within(p, time.Minute); code != 0 {
		t.Fatalf("code %d: %s", code, p.said())
	}
	v.compare(whole, filepath.Join(v.dir, "run"))

	p = launched("stopped")
	p.awaits(v.events("stopped"), `"epoch":0,"epoch_step":1`)
	_ = p.Process.Signal(syscall.SIGUSR2)
	if code := v.within(p, time.Minute); code != exitStopped || !strings.Contains(p.said(), "is saved, and") {
		t.Errorf("SIGUSR2: code %d: %s", code, p.said())
	}
	v.finishes(whole, "stopped", 3)

	p = launched("killed")
	p.awaits(v.events("killed"), `"epoch":0,"epoch_step":1`)
	pids := ranksBelow(p.Process.Pid)
	if len(pids) != 2 {
		t.Fatalf("%d ranks below mpirun: %s", len(pids), p.said())
	}
	_ = syscall.Kill(pids[1], syscall.SIGKILL)
	// Open MPI gives 128 and the number of the signal, MPICH the number.
	if code := v.within(p, time.Minute); code != 128+int(syscall.SIGKILL) && code != int(syscall.SIGKILL) && code != exitPeer {
		t.Errorf("SIGKILL of rank 1: code %d: %s", code, p.said())
	}
	v.allGone(time.Second, pids...)
	v.finishes(whole, "killed", 1)
}

// ranksBelow are the processes of this program that a launcher of MPI, or a daemon of its own, has started.
func ranksBelow(launcher int) (pids []int) {
	for _, pid := range children(launcher) {
		if name, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); filepath.Base(name) == "udml-gpu" {
			pids = append(pids, pid)
			continue
		}
		pids = append(pids, ranksBelow(pid)...)
	}
	return pids
}

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestEmbedRanksEnd: a signal to one of the ranks that fill a collection stops all of them with code 75, and a killed rank ends the others.
// Other numbers of ranks go on, to the bytes of one process.
func TestEmbedRanksEnd(t *testing.T) {
	v := newHarness(t)
	v.ownProgram()
	one, err := os.ReadFile(filepath.Join(v.dir, "photos", "00.png"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 900 { // what follows the end of a PNG is not read, and makes each file another
		v.write(fmt.Sprintf("photos/m%03d.png", i), append(bytes.Clone(one), byte(i), byte(i>>8)))
	}
	whole := filepath.Join(v.dir, "whole.udml")
	if out, err := v.embedSlowly(whole, 1).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	part := filepath.Join(v.dir, "part.udml")
	if code, log := v.endRank(part, 3, syscall.SIGTERM); code != exitStopped {
		t.Errorf("code %d after SIGTERM to a rank, want %d: %s", code, exitStopped, log)
	}
	if code, log := v.endRank(part, 2, syscall.SIGKILL); code != 128+int(syscall.SIGKILL) || !strings.Contains(log, "rank 1") {
		t.Errorf("code %d after SIGKILL of a rank: %s", code, log)
	}
	if out, err := v.embedSlowly(part, 3).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	v.sameCollection(whole, part)
}

// ownProgram makes the program a file of its own: ranks are started as the file that runs, which a link is not.
func (v *harness) ownProgram() {
	b, err := os.ReadFile(v.bin)
	if err == nil {
		err = os.Remove(v.bin)
	}
	if err == nil {
		err = os.WriteFile(v.bin, b, 0o777)
	}
	if err != nil {
		v.Fatal(err)
	}
}

// embedSlowly begins or goes on with a collection, by a network that takes a while.
func (v *harness) embedSlowly(dir string, ranks int) *exec.Cmd {
	cmd := exec.Command(v.bin, "embed", "--data", "photos", "--backbone", "squeezenet", "--pretrained=false", "--layer", "pooled",
		"--size", "48", "--ranks", strconv.Itoa(ranks), "--out", dir)
	cmd.Dir, cmd.Env = v.dir, append(os.Environ(), "UDML_LIBCUDA=none")
	return cmd
}

// endRank sends a signal to rank 1 once images are embedded that were not before. It gives the exit code and what was logged.
func (v *harness) endRank(dir string, ranks int, s syscall.Signal) (code int, log string) {
	v.Helper()
	journal := filepath.Join(dir, "pending", "items.jsonl")
	before := sizeOf(journal)
	cmd := v.embedSlowly(dir, ranks)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		v.Fatal(err)
	}
	sent := false
	for deadline := time.Now().Add(30 * time.Second); !sent && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if pid := childWith(cmd.Process.Pid, "UDML_RANK=1"); pid > 0 && sizeOf(journal) > before {
			sent = syscall.Kill(pid, s) == nil
		}
	}
	_ = cmd.Wait() // the code says more
	if !sent {
		v.Fatalf("no rank was there to be sent a signal: %s", out.String())
	}
	return cmd.ProcessState.ExitCode(), out.String()
}

func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// childWith is the process that another has started with that variable; 0: none.
func childWith(parent int, variable string) int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		stat, _ := os.ReadFile(path)
		_, after, _ := strings.Cut(string(stat), ") ")
		var state string
		var ppid int
		if _, err := fmt.Sscan(after, &state, &ppid); err != nil || ppid != parent {
			continue
		}
		environment, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "environ"))
		for _, v := range strings.Split(string(environment), "\x00") {
			if v == variable {
				pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
				return pid
			}
		}
	}
	return 0
}

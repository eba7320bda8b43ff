package launch

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// launcher starts a process that launches ranks in a mode, and waits until as many of them as said are ready; their process ids.
func launcher(t *testing.T, ranks, ready int, mode string) (cmd *exec.Cmd, log *lockedBuffer, pids []int) {
	t.Helper()
	dir := t.TempDir()
	log = &lockedBuffer{}
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(testEnv(fmt.Sprintf("launcher:%d:%s", ranks, mode)), "UDML_LAUNCH_READY="+dir)
	cmd.Stderr = log
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as a shell does
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	for range 1000 {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) == ready {
			for _, e := range entries {
				pid, _ := strconv.Atoi(e.Name())
				pids = append(pids, pid)
			}
			return cmd, log, pids
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the ranks are not ready: %s", log.String())
	return nil, nil, nil
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// expectGone fails if one of the processes still runs after two seconds.
func expectGone(t *testing.T, pids []int) {
	t.Helper()
	for _, pid := range pids {
		running := true
		for n := 0; running && n < 200; n++ {
			// One that has ended, but which nobody has waited for, is a zombie.
			stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			running = err == nil && !strings.Contains(string(stat), ") Z ")
			time.Sleep(10 * time.Millisecond)
		}
		if running {
			t.Errorf("process %d is left", pid)
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// TestSignals: all ranks get each signal once, also one that the terminal sends to the whole group of the launcher; their code is returned.
func TestSignals(t *testing.T) {
	cmd, log, pids := launcher(t, 3, 3, "signals")
	for _, s := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGHUP, syscall.SIGXCPU} {
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Millisecond)
	}
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil { // as Ctrl-C
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 75 {
		t.Errorf("code %d", code)
	}
	for r := range 3 {
		for _, s := range passedOn() {
			if n := strings.Count(log.String(), fmt.Sprintf("%d: %s\n", r, s)); n != 1 {
				t.Errorf("rank %d has got %s %d times", r, s, n)
			}
		}
	}
	if t.Failed() {
		t.Log(log.String())
	}
	expectGone(t, pids)
}

// TestLauncherKilled: when the launcher is killed, its ranks do not live on, even such that ignore SIGTERM.
func TestLauncherKilled(t *testing.T) {
	cmd, _, pids := launcher(t, 3, 3, "codes h,h,h")
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	expectGone(t, pids)
}

// TestRankFails: when one fails, the others are ended, even such that ignore SIGTERM.
func TestRankFails(t *testing.T) {
	cmd, log, pids := launcher(t, 3, 2, "codes h,4,w")
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 4 {
		t.Errorf("code %d: %s", code, log.String())
	}
	expectGone(t, pids)
}

// TestRunContext: the end of the context ends the ranks.
func TestRunContext(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UDML_LAUNCH_READY", dir)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		defer cancel()
		for n := 0; n < 1000; n++ {
			if entries, _ := os.ReadDir(dir); len(entries) == 2 {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	begin := time.Now()
	code, err := Run(ctx, Options{Ranks: 2, Command: []string{os.Args[0]}, Env: testEnv("codes h,w"), Grace: 300 * time.Millisecond})
	if err != nil || code != 6 || time.Since(begin) > 20*time.Second {
		t.Errorf("code %d, %v, after %v", code, err, time.Since(begin))
	}
}

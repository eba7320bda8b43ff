package tcp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"udml-gpu/engine/dist"
)

// TestMain is also the program that the tests below start as ranks: with UDML_TCP_TEST=RANK/SIZE/MASTER/MODE.
func TestMain(m *testing.M) {
	if as := os.Getenv("UDML_TCP_TEST"); as != "" {
		os.Exit(processRank(strings.Split(as, "/")))
	}
	os.Exit(m.Run())
}

// processRank is a rank that exchanges for ever ("exchange"), or computes after the first exchange ("compute"). It prints "ready" after the
// first, and at the end what it has seen.
func processRank(as []string) int {
	rank, _ := strconv.Atoi(as[0])
	size, _ := strconv.Atoi(as[1])
	lost := make(chan error, 1)
	c, err := Join(context.Background(), Options{
		Rank: rank, Size: size, Master: as[2], Token: "t", Limit: func() time.Duration { return 1500 * time.Millisecond },
		Lost: func(err error) { lost <- err },
	})
	if err != nil {
		fmt.Println("join:", err)
		return 1
	}
	defer c.Close()
	for round := 0; ; round++ {
		if err := swap(c, round, func(_, _ int) int { return 1 << 20 }); err != nil {
			return endOf("exchange", err)
		}
		if round == 0 {
			fmt.Println("ready")
			if as[3] == "compute" {
				return endOf("lost", <-lost)
			}
		}
		time.Sleep(time.Millisecond)
	}
}

// endOf prints an error and is the exit code for it.
func endOf(where string, err error) int {
	fmt.Println(where+":", err)
	var left *dist.LeftError
	switch {
	case errors.As(err, &left):
		return left.Code
	case errors.As(err, new(*dist.PeerError)):
		return dist.ExitPeer
	}
	return 1
}

// process is a rank that runs as a process.
type process struct {
	*exec.Cmd
	out *bufio.Scanner
}

// processes starts three ranks and returns when they have exchanged.
func processes(t *testing.T, mode string) []process {
	t.Helper()
	all := group(t, 3)
	all[0].Listener.Close()
	var started []process
	for r := range all {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), fmt.Sprintf("UDML_TCP_TEST=%d/3/%s/%s", r, all[0].Master, mode))
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill() })
		started = append(started, process{cmd, bufio.NewScanner(out)})
	}
	for r, p := range started {
		if !p.out.Scan() || p.out.Text() != "ready" {
			t.Fatalf("rank %d: %q", r, p.out.Text())
		}
	}
	return started
}

// expectEnd fails unless the process ends in time, with code 6 and a word about rank 2.
func expectEnd(t *testing.T, p process, limit time.Duration) {
	t.Helper()
	begin := time.Now()
	p.out.Scan()
	text := p.out.Text()
	err := p.Wait()
	if took := time.Since(begin); took > limit {
		t.Errorf("%v until the end", took)
	}
	if p.ProcessState.ExitCode() != dist.ExitPeer || !strings.Contains(text, "rank 2") {
		t.Errorf("%v, %q", err, text)
	}
}

// TestKilledProcess: all others know within two seconds, while they exchange and while they compute.
func TestKilledProcess(t *testing.T) {
	for _, mode := range []string{"exchange", "compute"} {
		t.Run(mode, func(t *testing.T) {
			all := processes(t, mode)
			if err := all[2].Process.Kill(); err != nil {
				t.Fatal(err)
			}
			for _, p := range all[:2] {
				expectEnd(t, p, 2*time.Second)
			}
			_ = all[2].Wait()
		})
	}
}

// TestStoppedProcess: one that hangs is noticed after the limit of 1.5 s.
func TestStoppedProcess(t *testing.T) {
	all := processes(t, "exchange")
	if err := all[2].Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for _, p := range all[:2] {
		expectEnd(t, p, 4*time.Second)
	}
	_ = all[2].Process.Kill()
	_ = all[2].Wait()
}

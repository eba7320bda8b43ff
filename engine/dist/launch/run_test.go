package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"udml-gpu/engine/dist"
	"udml-gpu/engine/dist/tcp"
	"udml-gpu/engine/setting"
)

// TestMain is also the programs that the tests start: with UDML_LAUNCH_TEST=MODE a rank, with launcher:RANKS:MODE a launcher of ranks.
func TestMain(m *testing.M) {
	mode := os.Getenv("UDML_LAUNCH_TEST")
	if rest, ok := strings.CutPrefix(mode, "launcher:"); ok {
		ranks, mode, _ := strings.Cut(rest, ":")
		n, _ := strconv.Atoi(ranks)
		code, err := Run(context.Background(), Options{
			Ranks: n, Command: []string{os.Args[0]}, Env: testEnv(mode), Grace: 300 * time.Millisecond,
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		os.Exit(code)
	}
	if mode != "" {
		w, err := Detect(os.Getenv)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(99)
		}
		os.Exit(testRank(mode, w))
	}
	os.Exit(m.Run())
}

// testEnv is the environment of a program that the tests start.
func testEnv(mode string) []string { return append(os.Environ(), "UDML_LAUNCH_TEST="+mode) }

// testRank is what a rank does in a mode: "codes 0,3,6" ends with these codes by rank; -9 is a rank killed by SIGKILL, "w" one that waits
// for SIGTERM and ends with 6, "h" one that ignores SIGTERM.
func testRank(mode string, w World) int {
	if codes, ok := strings.CutPrefix(mode, "codes "); ok {
		return endAs(strings.Split(codes, ",")[w.Rank])
	}
	switch mode {
	case "lines":
		fmt.Printf("out of %d\n", w.Rank)
		fmt.Fprintf(os.Stderr, "log of %d\n%s\nno end", w.Rank, strings.Repeat("x", maxLine+5))
	case "environment":
		fmt.Fprintf(os.Stderr, "%d of %d, here %d of %d, %s, procs %s\n", w.Rank, w.Size, w.LocalRank, w.LocalSize, w.Launcher,
			os.Getenv("GOMAXPROCS"))
	case "join":
		return joined(w)
	case "signals":
		return countSignals(w)
	}
	return 0
}

func endAs(how string) int {
	switch how {
	case "w", "h":
		came := make(chan os.Signal, 1)
		signal.Notify(came, syscall.SIGTERM)
		announceReady()
		<-came
		if how == "h" {
			time.Sleep(time.Minute)
		}
		return dist.ExitPeer
	}
	code, _ := strconv.Atoi(how)
	if code < 0 {
		_ = syscall.Kill(os.Getpid(), syscall.Signal(-code))
		time.Sleep(time.Minute)
	}
	time.Sleep(100 * time.Millisecond)
	return code
}

// announceReady leaves a file named by the process in the folder of the test.
func announceReady() {
	if dir := os.Getenv("UDML_LAUNCH_READY"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(os.Getpid())), nil, 0o600); err != nil {
			panic(err)
		}
	}
}

// joined connects the ranks and exchanges a byte.
func joined(w World) int {
	l, err := Listener(os.Getenv)
	if err != nil || (l != nil) != (w.Rank == 0) {
		fmt.Fprintln(os.Stderr, "listener:", l, err)
		return 98
	}
	c, err := tcp.Join(context.Background(), tcp.Options{Rank: w.Rank, Size: w.Size, Master: w.Master, Token: w.Token, Listener: l})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 97
	}
	defer c.Close()
	to, from := make([][]byte, w.Size), make([][]byte, w.Size)
	for r := range to {
		to[r], from[r] = []byte{byte(w.Rank)}, make([]byte, 1)
	}
	if err := c.Exchange("test", to, from); err != nil {
		return 96
	}
	return 0
}

// countSignals prints what comes for a while after SIGTERM, and ends with 75.
func countSignals(w World) int {
	came := make(chan os.Signal, 10)
	signal.Notify(came, passedOn()...)
	announceReady()
	fmt.Fprintf(os.Stderr, "ready %d\n", w.Rank)
	var end <-chan time.Time
	for {
		select {
		case s := <-came:
			fmt.Fprintf(os.Stderr, "%d: %s\n", w.Rank, s)
			if s == syscall.SIGTERM {
				end = time.After(200 * time.Millisecond)
			}
		case <-end:
			return dist.ExitStopped
		}
	}
}

// launched runs ranks in a mode; stdout and stderr as texts.
func launched(t *testing.T, ranks int, mode string) (code int, stdout, stderr string) {
	t.Helper()
	dir := t.TempDir()
	var files [2]*os.File
	for i := range files {
		var err error
		if files[i], err = os.Create(filepath.Join(dir, strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
		defer files[i].Close()
	}
	code, err := Run(context.Background(), Options{
		Ranks: ranks, Command: []string{os.Args[0]}, Env: testEnv(mode), Stdout: files[0], Stderr: files[1], Grace: 300 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	out, _ := os.ReadFile(files[0].Name())
	log, _ := os.ReadFile(files[1].Name())
	return code, string(out), string(log)
}

// TestRunCode: the cause decides, not the consequences; ranks that do not end are ended.
func TestRunCode(t *testing.T) {
	for mode, want := range map[string]int{
		"0,0,0": 0, "0,3,0": 3, "6,3,6": 3, "6,6,0": 6, "75,75,75": 75, "0,6,75": 75, "-9,6,6": 137, "-9,2,6": 2, "3,w,w": 3, "3,h,w": 3,
		"-15,h,w": 143, "6,6,h": 6, "75,-9,75": 137,
	} {
		begin := time.Now()
		code, _, log := launched(t, 3, "codes "+mode)
		if code != want {
			t.Errorf("%s: code %d, want %d", mode, code, want)
		}
		if took := time.Since(begin); took > 20*time.Second {
			t.Errorf("%s took %v", mode, took)
		}
		if strings.Contains(mode, "-9") != strings.Contains(log, "ended by a signal (killed)") {
			t.Errorf("%s: %q", mode, log)
		}
	}
}

// TestRunLines: stdout is that of rank 0; the lines of others have a prefix, long ones in pieces.
func TestRunLines(t *testing.T) {
	code, out, log := launched(t, 3, "lines")
	if code != 0 || out != "out of 0\n" {
		t.Errorf("code %d, stdout %q", code, out)
	}
	for _, line := range []string{
		"log of 0\n", "rank 1: log of 1\n", "rank 1: out of 1\n", "rank 2: log of 2\n", "rank 2: no end\n",
		"rank 1: " + strings.Repeat("x", maxLine) + "\n", "rank 1: xxxxx\n", "\n" + strings.Repeat("x", maxLine+5) + "\n",
	} {
		if !strings.Contains(log, line) {
			t.Errorf("%.40q is missing", line)
		}
	}
	if strings.Contains(log, "rank 0: ") {
		t.Error("rank 0 has a prefix")
	}
}

func TestRunEnvironment(t *testing.T) {
	t.Setenv("GOMAXPROCS", "7")
	if _, _, log := launched(t, 2, "environment"); !strings.Contains(log, "rank 1: 1 of 2, here 1 of 2, udml-gpu --ranks, procs 7\n") {
		t.Error(log)
	}
	if got := []int{share(0, 3, 8), share(1, 3, 8), share(2, 3, 8), share(3, 4, 2)}; fmt.Sprint(got) != "[3 3 2 1]" {
		t.Error(got)
	}
}

// TestRunJoin: the ranks find each other by what Run gives them, although variables of another run stand in the environment.
func TestRunJoin(t *testing.T) {
	t.Setenv("UDML_MASTER", "elsewhere:1")
	t.Setenv("UDML_RANKS", "9")
	if code, _, log := launched(t, 4, "join"); code != 0 {
		t.Errorf("%d, %s", code, log)
	}
}

func TestRunRefuses(t *testing.T) {
	if _, err := Run(context.Background(), Options{Ranks: 0, Command: []string{"x"}}); !errors.As(err, new(*setting.UsageError)) {
		t.Error(err)
	}
	if _, err := Run(context.Background(), Options{Ranks: 2, Command: []string{"/no/such/program"}}); err == nil ||
		!strings.Contains(err.Error(), "rank 0 cannot be started") {
		t.Error(err)
	}
	for value, want := range map[string]string{"x": "is not the number", "1": "is not the number", "200": "not an inherited socket"} {
		_, err := Listener(environ(listenVariable + "=" + value))
		if !errors.As(err, new(*setting.UsageError)) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", value, err)
		}
	}
}

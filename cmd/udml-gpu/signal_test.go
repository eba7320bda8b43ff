package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// signals by the name that scripts call them.
var signals = map[string]syscall.Signal{
	"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "KILL": syscall.SIGKILL, "USR1": syscall.SIGUSR1,
	"XCPU": syscall.SIGXCPU,
}

// stopWhen [MANNER:]SIGNAL[+SIGNAL...] FILE TEXT ARG...: runs the program, sends it the first signal as soon as FILE holds TEXT, the others
// as soon as it has said that it heard the first, and expects it to end with code 75 (of KILL: by the signal; of USR1, and in the manner
// nohup, which starts it with SIGHUP ignored: by itself). What it said is in the file stopped.txt. In the manner deaf nobody reads what
// it says, and the signals come at once.
func stopWhen(ts *testscript.TestScript, _ bool, args []string) {
	manner, list, _ := strings.Cut(args[0], ":")
	if list == "" {
		manner, list = "", args[0]
	}
	said := ts.MkAbs("stopped.txt")
	cmd := program(ts, manner, said, args[3:])
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // the exit code says it
		close(ended)
	}()
	seen := awaitText(ts.MkAbs(args[1]), args[2], ended)
	for i, name := range strings.Split(list, "+") {
		if i == 1 && manner != "deaf" {
			seen = awaitText(said, "asked to stop", ended) && seen
		}
		_ = cmd.Process.Signal(signals[name]) // one that has ended already has the wrong exit code
	}
	<-ended
	want := 75
	switch {
	case list == "KILL":
		want = -1
	case list == "USR1" || manner == "nohup":
		want = 0
	}
	if got := cmd.ProcessState.ExitCode(); !seen || got != want {
		ts.Fatalf("exit code %d, want %d; %s seen in %s: %v; %s", got, want, args[2], args[1], seen, ts.ReadFile("stopped.txt"))
	}
}

// program starts the program, with what it says in that file.
func program(ts *testscript.TestScript, manner, said string, args []string) *exec.Cmd {
	bin, err := exec.LookPath(filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], "udml-gpu"))
	ts.Check(err)
	cmd := exec.Command(bin, args...)
	if manner == "nohup" {
		cmd = exec.Command("/bin/sh", append([]string{"-c", `trap '' HUP; exec "$0" "$@"`, bin}, args...)...)
	}
	out, err := os.Create(said)
	ts.Check(err)
	defer out.Close()
	if manner == "deaf" {
		r, w, err := os.Pipe()
		ts.Check(err)
		ts.Check(r.Close())
		defer w.Close()
		out = w
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), out, out
	cmd.Env = []string{"PATH=" + ts.Getenv("PATH"), "UDML_LIBCUDA=" + ts.Getenv("UDML_LIBCUDA")}
	ts.Check(cmd.Start())
	return cmd
}

// awaitText waits until the file holds the text, or the program that writes it has ended.
func awaitText(path, text string, ended <-chan struct{}) bool {
	for {
		if b, err := os.ReadFile(path); err == nil && bytes.Contains(b, []byte(text)) {
			return true
		}
		select {
		case <-ended:
			return false
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// TestOnlySecondInterruptEnds: whatever comes after the first signal is passed over, until a second SIGINT.
func TestOnlySecondInterruptEnds(t *testing.T) {
	for _, before := range [][]os.Signal{
		{syscall.SIGTERM, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP},
		{syscall.SIGINT, syscall.SIGTERM, syscall.SIGTERM},
		{syscall.SIGHUP, syscall.SIGINT, syscall.SIGHUP},
	} {
		came, ended := make(chan os.Signal), make(chan struct{})
		stopped := 0
		go heed(came, func(first os.Signal) {
			if stopped++; first != before[0] {
				t.Errorf("stopped by %v instead of %v", first, before[0])
			}
		}, func() { close(ended) })
		for _, s := range before {
			select {
			case came <- s: // those before it have been dealt with
			case <-ended:
				t.Fatalf("%v: ended before the second interrupt", before)
			}
		}
		came <- syscall.SIGINT
		if <-ended; stopped != 1 {
			t.Errorf("%v: stopped %d times", before, stopped)
		}
	}
}

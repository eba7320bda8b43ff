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

// signals are the signals by their names in scripts.
var signals = map[string]syscall.Signal{
	"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "KILL": syscall.SIGKILL, "USR1": syscall.SIGUSR1,
	"XCPU": syscall.SIGXCPU, "USR2": syscall.SIGUSR2,
}

// stopWhen [MANNER:]SIGNAL[+SIGNAL...] FILE TEXT ARG...: runs the program, sends the first signal as soon as FILE holds TEXT, and the
// others as soon as the program has logged the first. It must end with code 75; after KILL by the signal; after USR1, and with MANNER
// nohup, which starts it with SIGHUP ignored, with code 0. Its output is in the file stopped.txt. With MANNER unread its output is a
// pipe that nobody reads, and all signals are sent at once. With MANNER burst a signal follows the one before within a millisecond.
func stopWhen(ts *testscript.TestScript, _ bool, args []string) {
	manner, list, _ := strings.Cut(args[0], ":")
	if list == "" {
		manner, list = "", args[0]
	}
	said := ts.MkAbs("stopped.txt")
	cmd := program(ts, manner, said, args[3:])
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // its exit code is checked below
		close(ended)
	}()
	seen := awaitText(ts.MkAbs(args[1]), args[2], ended)
	for i, name := range strings.Split(list, "+") {
		switch {
		case i > 0 && manner == "burst":
			time.Sleep(300 * time.Microsecond)
		case i == 1 && manner != "unread":
			seen = awaitText(said, "asked to stop", ended) && seen
		}
		_ = cmd.Process.Signal(signals[name]) // if it fails the program has ended, and its exit code is wrong
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

// program starts the program with its output in the file said.
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
	if manner == "unread" {
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

// TestOnlySecondInterruptEnds: signals after the first are ignored until a second SIGINT.
func TestOnlySecondInterruptEnds(t *testing.T) {
	for _, before := range [][]os.Signal{
		{syscall.SIGTERM, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP},
		{syscall.SIGINT, syscall.SIGTERM, syscall.SIGTERM},
		{syscall.SIGHUP, syscall.SIGINT, syscall.SIGHUP},
		{syscall.SIGUSR2, syscall.SIGUSR2, syscall.SIGTERM, syscall.SIGINT, syscall.SIGUSR2},
	} {
		came, ended := make(chan os.Signal), make(chan struct{})
		stopped := 0
		go watchSignals(came, func(first os.Signal) {
			if stopped++; first != before[0] {
				t.Errorf("stopped by %v instead of %v", first, before[0])
			}
		}, func() { close(ended) })
		for _, s := range before {
			select {
			case came <- s: // returns when the signals before it have been handled
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

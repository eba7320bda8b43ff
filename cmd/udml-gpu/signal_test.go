package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// signals by the name that scripts call them.
var signals = map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL, "USR1": syscall.SIGUSR1}

// stopWhen SIGNAL FILE TEXT ARG...: runs the program, sends it the signal as soon as FILE holds TEXT, and expects it to
// end with code 75 (of KILL: by the signal; of USR1: by itself). What it said is in the file stopped.txt.
func stopWhen(ts *testscript.TestScript, _ bool, args []string) {
	bin, err := exec.LookPath(filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], "udml-gpu"))
	ts.Check(err)
	cmd := exec.Command(bin, args[3:]...)
	var said bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stderr = ts.MkAbs("."), []string{"PATH=" + ts.Getenv("PATH")}, &said
	ts.Check(cmd.Start())
	seen := awaitText(ts.MkAbs(args[1]), args[2], time.Minute)
	ts.Check(cmd.Process.Signal(signals[args[0]]))
	_ = cmd.Wait()
	ts.Check(os.WriteFile(ts.MkAbs("stopped.txt"), said.Bytes(), 0o666))
	want := map[string]int{"INT": 75, "TERM": 75, "KILL": -1, "USR1": 0}[args[0]]
	if got := cmd.ProcessState.ExitCode(); !seen || got != want {
		ts.Fatalf("exit code %d, want %d; %s seen in %s: %v; %s", got, want, args[2], args[1], seen, said.String())
	}
}

// awaitText waits until the file holds the text.
func awaitText(path, text string, limit time.Duration) bool {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if b, err := os.ReadFile(path); err == nil && bytes.Contains(b, []byte(text)) {
			return true
		}
	}
	return false
}

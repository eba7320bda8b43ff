package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// limited CODE[,CODE...] OPTION KIB ARG...: runs the program under ulimit OPTION KIB. It must end by itself, with one of the codes
// and without a dump. Its output is in the file said.txt.
func limited(ts *testscript.TestScript, _ bool, args []string) {
	bin, err := exec.LookPath(filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], "udml-gpu"))
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute) // about a hundred times as long as it needs
	defer cancel()
	limit := []string{"-c", `ulimit "$0" "$1" && shift && exec "$@"`, args[1], args[2], bin}
	cmd := exec.CommandContext(ctx, "/bin/sh", append(limit, args[3:]...)...)
	var said bytes.Buffer
	cmd.Env = []string{"PATH=" + ts.Getenv("PATH"), "GOMAXPROCS=2", "UDML_LIBCUDA=none"}
	cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), &said, &said
	_ = cmd.Run() // its exit code is checked below
	ts.Check(os.WriteFile(ts.MkAbs("said.txt"), said.Bytes(), 0o666))
	code := strconv.Itoa(cmd.ProcessState.ExitCode())
	if !slices.Contains(strings.Split(args[0], ","), code) || strings.Contains(said.String(), "goroutine ") {
		ts.Fatalf("ulimit %s %s: exit code %s, want %s without a dump; %s", args[1], args[2], code, args[0], said.String())
	}
}

package main

import (
	"os"
	"path/filepath"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// countFiles DIR COUNT: the folder must hold that many files.
func countFiles(ts *testscript.TestScript, _ bool, args []string) {
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	if want, err := strconv.Atoi(args[1]); err != nil || len(entries) != want {
		ts.Fatalf("%s holds %v, want %s files", args[0], entries, args[1])
	}
}

// cutFiles DIR SIZE: cuts every file in the folder to that many bytes.
func cutFiles(ts *testscript.TestScript, _ bool, args []string) {
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	for _, e := range entries {
		ts.Check(os.Truncate(filepath.Join(ts.MkAbs(args[0]), e.Name()), size))
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// checkEvents: every line of events.jsonl must be whole, except the last one of a run that was killed.
func (v *harness) checkEvents(dir string, killed bool) {
	b, err := os.ReadFile(filepath.Join(dir, "events.jsonl"))
	if killed && errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		v.Fatal(err)
	}
	lines := bytes.SplitAfter(b, []byte("\n"))
	if last := len(lines) - 1; killed || len(lines[last]) == 0 {
		lines = lines[:last]
	}
	for i, line := range lines {
		var e struct{ Time, Event string }
		if line[len(line)-1] != '\n' || json.Unmarshal(line, &e) != nil || e.Time == "" || e.Event == "" {
			v.Fatalf("line %d of events.jsonl in %s is %q", i+1, dir, line)
		}
	}
}

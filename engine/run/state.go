package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
	"udml-gpu/models/disk"
)

// StateVersion is raised when a checkpoint's meaning changes. Version 1 had no checkpoints within an epoch; it is still read.
const StateVersion = 2

// maxState bounds state.json and epoch.json: a history of ten thousand epochs takes 10 MB.
const maxState = 64 << 20

// maxStep is beyond what a million epochs, the most that a run may have, of a billion steps would take; above it counting overflows.
const maxStep = 1_000_000 * 1_000_000_000

// State is what a run must know to go on, beside parameters and moments.
type State struct {
	Version   int    `json:"version"`
	WrittenBy string `json:"written_by,omitempty"` // the program's version
	Epoch     int    `json:"epoch"`                // finished
	EpochStep int    `json:"epoch_step"`           // steps done of the epoch after
	Step      int    `json:"step"`
	// SkippedInRow is how many steps up to this one were skipped, one after the other.
	SkippedInRow int                 `json:"skipped_in_row,omitempty"`
	Seconds      float64             `json:"seconds"`
	Data         string              `json:"data_fingerprint"`
	Environment  machine.Environment `json:"environment"`
	Before       *Quality            `json:"before,omitempty"`
	Result       *Result             `json:"result,omitempty"` // of a finished run
	History      []*EpochReport      `json:"history"`
}

// ReadState reads state.json of the checkpoint in dir.
func ReadState(dir string) (State, error) {
	path := filepath.Join(dir, StateFile)
	b, err := readLimited(path, maxState)
	if err != nil {
		return State{}, baddata.Errorf("--resume: %v", err)
	}
	s, err := parseState(b)
	if err != nil {
		return s, baddata.Errorf("%s %v", path, err)
	}
	return s, nil
}

// parseState reads a state and checks what the rest of the program relies on.
func parseState(b []byte) (State, error) {
	var s State
	if err := newerState(b); err != nil {
		return s, err
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("is damaged: %v", err)
	}
	switch {
	case s.Version < 1 || s.Epoch < 0 || s.EpochStep < 0 || s.Step < s.EpochStep || s.Step > maxStep || len(s.History) != s.Epoch:
		return s, errors.New("is damaged: its counts cannot be")
	case s.Result != nil && (s.Result.Before == nil || s.Result.After == nil):
		return s, errors.New("is damaged: its result is not whole")
	}
	for i, h := range s.History {
		if h == nil || h.Epoch != i+1 {
			return s, fmt.Errorf("is damaged: its history has no epoch %d", i+1)
		}
	}
	return s, nil
}

// newerState refuses what a newer version of this program wrote, whatever else it holds.
func newerState(b []byte) error {
	var s struct {
		Version   int    `json:"version"`
		WrittenBy string `json:"written_by"`
	}
	if json.Unmarshal(b, &s) != nil || s.Version <= StateVersion {
		return nil
	}
	need := fmt.Sprintf("udml-gpu %s or later", s.WrittenBy)
	if !plainVersion(s.WrittenBy) {
		need = "a later udml-gpu"
	}
	return fmt.Errorf("was written by a newer version of this program: %s is needed, this is %s", need, machine.Version())
}

// plainVersion: the text can stand in a message; whoever made the file may have written anything.
func plainVersion(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyz.-+") == ""
}

// refuseNewer is an error when the last checkpoint of the run in dir is of a newer version. It comes before anything
// else is read of the run, whose other files may have changed as well.
func refuseNewer(dir string) error {
	path := filepath.Join(dir, "checkpoints", "last", StateFile)
	b, err := readLimited(path, maxState)
	if err != nil {
		return nil // there is none yet, or resuming says what is wrong
	}
	if err := newerState(b); err != nil {
		return baddata.Errorf("%s %v", path, err)
	}
	return nil
}

// readLimited reads a regular file of at most limit bytes.
func readLimited(path string, limit int64) ([]byte, error) {
	f, _, err := disk.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return setting.ReadAtMost(f, path, limit)
}

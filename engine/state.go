package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"udml-gpu/engine/data"
)

// stateVersion is raised when a checkpoint's meaning changes. Version 1 had no checkpoints within an epoch; it is still read.
const stateVersion = 2

// maxState bounds state.json and epoch.json: a history of ten thousand epochs takes 10 MB.
const maxState = 64 << 20

// State is what a run must know to go on, beside parameters and moments.
type State struct {
	Version   int    `json:"version"`
	WrittenBy string `json:"written_by,omitempty"` // the program's version
	Epoch     int    `json:"epoch"`                // finished
	EpochStep int    `json:"epoch_step"`           // steps done of the epoch after
	Step      int    `json:"step"`
	// SkippedInRow is how many steps up to this one were skipped, one after the other.
	SkippedInRow int            `json:"skipped_in_row,omitempty"`
	Seconds      float64        `json:"seconds"`
	Data         string         `json:"data_fingerprint"`
	Environment  Environment    `json:"environment"`
	Before       *Quality       `json:"before,omitempty"`
	Result       *Result        `json:"result,omitempty"` // of a finished run
	History      []*EpochReport `json:"history"`
}

// readState reads state.json of the checkpoint in dir.
func readState(dir string) (State, error) {
	path := filepath.Join(dir, stateFile)
	b, err := readLimited(path, maxState)
	if err != nil {
		return State{}, data.Errorf("--resume: %v", err)
	}
	s, err := parseState(b)
	if err != nil {
		return s, data.Errorf("%s %v", path, err)
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
	case s.Version < 1 || s.Epoch < 0 || s.EpochStep < 0 || s.Step < s.EpochStep || len(s.History) != s.Epoch:
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
	if json.Unmarshal(b, &s) != nil || s.Version <= stateVersion {
		return nil
	}
	return fmt.Errorf("was written by a newer version of this program: udml-gpu %s or later is needed, this is %s", s.WrittenBy, Version)
}

// refuseNewer is an error when the last checkpoint of the run in dir is of a newer version. It comes before anything
// else is read of the run, whose other files may have changed as well.
func refuseNewer(dir string) error {
	path := filepath.Join(dir, "checkpoints", "last", stateFile)
	b, err := readLimited(path, maxState)
	if err != nil {
		return nil // there is none yet, or resuming says what is wrong
	}
	if err := newerState(b); err != nil {
		return data.Errorf("%s %v", path, err)
	}
	return nil
}

// readLimited reads a file of at most limit bytes.
func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s has more than %d MiB, which no run writes", path, limit>>20)
	}
	return b, err
}

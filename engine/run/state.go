package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
	"udml-gpu/models/disk"
)

// StateVersion is raised when the meaning of a checkpoint changes. Version 1, which had no checkpoints within an epoch, is
// still read.
const StateVersion = 2

// MaxState is the largest size of state.json and epoch.json, in bytes: a history of ten thousand epochs takes 10 MB.
const MaxState = 64 << 20

// maxStep is the largest number of steps, so that counting cannot overflow: a million epochs, the most that a run may have, of a
// billion steps each.
const maxStep = 1_000_000 * 1_000_000_000

// State is what a run needs to continue, besides parameters and moments.
type State struct {
	Version   int    `json:"version"`
	WrittenBy string `json:"written_by,omitempty"` // the program's version
	Epoch     int    `json:"epoch"`                // number of finished epochs
	EpochStep int    `json:"epoch_step"`           // steps done of the next epoch
	Step      int    `json:"step"`
	// SkippedInRow is the number of steps in a row that were skipped, up to this one.
	SkippedInRow int     `json:"skipped_in_row,omitempty"`
	Seconds      float64 `json:"seconds"`
	Spent        Spent   `json:"spent"` // where they went
	// EpochSeconds are the seconds up to the end of each epoch; 0, or no entry: unknown, since an earlier version trained it.
	EpochSeconds []float64           `json:"epoch_seconds,omitempty"`
	Data         string              `json:"data_fingerprint"`
	Environment  machine.Environment `json:"environment"`
	Before       *Quality            `json:"before,omitempty"`
	// StartByClass is what the best features of Before have found, by class. Nil: without scores, or an earlier version began the run.
	StartByClass *eval.ClassSums `json:"start_by_class,omitempty"`
	Start        *Look           `json:"start,omitempty"`  // what the embedding made of a few images before training
	Result       *Result         `json:"result,omitempty"` // of a finished run
	History      []*EpochReport  `json:"history"`
}

// Spent is seconds of a run by what they were for; the rest of State.Seconds is reading images and writing checkpoints.
type Spent struct {
	Training   float64 `json:"training"`
	Evaluation float64 `json:"evaluation"`
	Pictures   float64 `json:"pictures"` // of the page
	Images     int     `json:"images"`   // that went through steps of training, once for each epoch
}

// TimeEpoch notes that the epoch that has just ended did so after the present Seconds.
func (s *State) TimeEpoch() {
	for len(s.EpochSeconds) < s.Epoch {
		s.EpochSeconds = append(s.EpochSeconds, 0)
	}
	s.EpochSeconds[s.Epoch-1] = s.Seconds
}

// ReadState reads state.json of the checkpoint in dir.
func ReadState(dir string) (State, error) {
	path := filepath.Join(dir, StateFile)
	b, err := readLimited(path, MaxState)
	if err != nil {
		return State{}, baddata.Errorf("%v", err)
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
	case s.Version < 1 || s.Epoch < 0 || s.EpochStep < 0 || s.Step < s.EpochStep || s.Step > maxStep || len(s.History) != s.Epoch,
		len(s.EpochSeconds) > s.Epoch:
		return s, errors.New("is damaged: its counts contradict each other")
	case s.Result != nil && (s.Result.Before == nil || s.Result.After == nil):
		return s, errors.New("is damaged: its result is incomplete")
	}
	if s.StartByClass != nil {
		if err := s.StartByClass.Check(); err != nil {
			return s, fmt.Errorf("is damaged: in what was found before training %v", err)
		}
	}
	for i, h := range s.History {
		if h == nil || h.Epoch != i+1 {
			return s, fmt.Errorf("is damaged: its history has no epoch %d", i+1)
		}
	}
	return s, nil
}

// newerState is an error if a newer version of this program wrote the state, whatever else it holds.
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

// plainVersion says whether s looks like a version: only then it is put into a message, since the file may hold any text.
func plainVersion(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyz.-+") == ""
}

// refuseNewer is an error if a newer version wrote the last checkpoint of the run in dir. It is checked before anything
// else of the run is read, since the formats of other files may have changed as well.
func refuseNewer(dir string) error {
	path := filepath.Join(dir, "checkpoints", "last", StateFile)
	b, err := readLimited(path, MaxState)
	if err != nil {
		return nil // there is no checkpoint yet, or resuming reports the fault
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

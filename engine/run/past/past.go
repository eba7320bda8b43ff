// Package past reads run directories as they are, to list, show and compare them. It changes nothing in them; damaged ones and those of
// earlier versions are described as far as they can be read.
package past

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
)

// State is how far a run has come.
type State string

// The states of a run.
const (
	Finished    State = "finished"
	Running     State = "running"     // a process holds its lock
	Interrupted State = "interrupted" // train --resume goes on with it
	Diverged    State = "diverged"    // its last attempt ended with a diagnosis.json
	Damaged     State = "damaged"     // Run.Problem says why
)

// Run is a run in a few figures. What could not be read has its zero value.
type Run struct {
	Path     string     `json:"path"` // bytes that are no text are escaped as package rawname does
	State    State      `json:"state"`
	Problem  string     `json:"problem,omitempty"` // a sentence on what is damaged
	Started  *time.Time `json:"started,omitempty"`
	Method   string     `json:"method,omitempty"` // Untrained for a run of no epochs
	Backbone string     `json:"backbone,omitempty"`
	Data     string     `json:"data,omitempty"`
	// Fingerprint is the SHA-256, in hex, of names, labels and prepared pixels of the training images.
	Fingerprint string  `json:"data_fingerprint,omitempty"`
	Images      int     `json:"images,omitempty"`  // to train on
	Scored      int     `json:"scored,omitempty"`  // images that the scores are of
	Classes     int     `json:"classes,omitempty"` // of the scored images
	Epoch       int     `json:"epochs_done"`
	Epochs      int     `json:"epochs"` // that were asked for
	Seconds     float64 `json:"seconds"`
	Best        *Score  `json:"best,omitempty"`

	config *setting.Config
	state  *run.State
}

// Untrained is the method of a run of no epochs: its embedding is the backbone's features, whitened.
const Untrained = "none"

// Look reads the run in dir.
func Look(dir string) *Run {
	r := &Run{Path: rawname.Text(dir)}
	if start, ok := began(dir); ok {
		r.Started, r.Images = &start.Time, start.About.Images
	}
	c, err := run.Settings(dir)
	if err != nil {
		r.State, r.Problem = Damaged, err.Error()
		return r
	}
	r.config = &c
	r.Method, r.Backbone, r.Data, r.Epochs = c.Method, c.Backbone, c.Data, c.Epochs
	if c.Epochs == 0 {
		r.Method = Untrained
	}
	state, warnings, err := latest(dir)
	if len(warnings) > 0 {
		r.Problem = warnings[0]
	}
	if err != nil && (!errors.Is(err, checkpoint.ErrNone) || len(warnings) > 0) {
		r.State, r.Problem = Damaged, err.Error()
		if len(warnings) > 0 {
			r.Problem = warnings[0]
		}
	}
	if err == nil {
		r.keep(&state)
	}
	r.State = r.stateOf(dir)
	return r
}

// latest is the state in the newest checkpoint that has one. The other files of a checkpoint are not read.
func latest(dir string) (s run.State, warnings []string, err error) {
	path, warnings, err := checkpoint.LatestFile(dir, run.StateFile, run.MaxState)
	if err != nil {
		return s, warnings, err
	}
	s, err = run.ReadState(filepath.Dir(path))
	return s, warnings, err
}

// keep takes the figures of the newest checkpoint.
func (r *Run) keep(s *run.State) {
	r.state = s
	r.Epoch, r.Seconds, r.Fingerprint = s.Epoch, s.Seconds, s.Data
	r.Best = best(s)
	if q := scored(s); q != nil {
		r.Scored, r.Classes = q.Images, q.Classes
	}
}

func (r *Run) stateOf(dir string) State {
	switch {
	case checkpoint.InUse(dir):
		return Running
	case r.State == Damaged:
		return Damaged
	case r.state != nil && r.state.Result != nil && r.Epoch >= r.Epochs:
		return Finished
	}
	if _, err := os.Lstat(filepath.Join(dir, run.DiagnosisFile)); err == nil {
		return Diverged
	}
	return Interrupted
}

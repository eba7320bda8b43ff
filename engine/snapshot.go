package engine

import (
	"bytes"
	"encoding/json"
	"time"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/report"
	"udml-gpu/models/weights"
)

// snapshot is a copy of all that a checkpoint holds and of what is shown beside it, so that training goes on while it
// is written.
type snapshot struct {
	at      checkpoint.At
	state   State
	partial *partial // of an epoch that is not finished
	model   weights.Snapshot
	moments weights.Snapshot
	about   [2]map[string]string // metadata of model and moments
	page    report.Page
	keep    int
	pause   time.Duration // how long training waited for the copy
}

// write puts the snapshot on disk. The files that are made from a checkpoint come first: a checkpoint with a result is
// the end of a run, and all else must be there by then.
func (r *Run) write(s *snapshot) error {
	lines := make([]any, len(s.state.History))
	for i, h := range s.state.History {
		lines[i] = h
	}
	if err := report.WriteMetrics(r.path(metricsFile), lines); err != nil {
		return err
	}
	if err := report.WriteHTML(r.path(reportFile), s.page); err != nil {
		return err
	}
	files, err := s.files()
	if err != nil {
		return err
	}
	return r.store.Save(s.at, files, s.keep)
}

// files is the content of the checkpoint's folder.
func (s *snapshot) files() (map[string][]byte, error) {
	files := map[string][]byte{}
	for i, part := range []struct {
		name    string
		tensors weights.Snapshot
	}{{modelFile, s.model}, {optimizerFile, s.moments}} {
		var b bytes.Buffer
		if err := weights.Write(&b, &weights.File{Metadata: s.about[i], Tensors: part.tensors.Tensors()}); err != nil {
			return nil, err
		}
		files[part.name] = b.Bytes()
	}
	state, err := json.MarshalIndent(&s.state, "", "  ")
	if err != nil {
		return nil, err
	}
	files[stateFile] = append(state, '\n')
	if s.partial != nil {
		if files[epochFile], err = json.Marshal(s.partial); err != nil {
			return nil, err
		}
	}
	return files, nil
}

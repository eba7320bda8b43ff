package run

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"time"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/network"
	"udml-gpu/engine/report"
	"udml-gpu/models/disk"
	"udml-gpu/models/weights"
	"udml-gpu/models/weights/file"
)

// Snapshot is a copy of the content of a checkpoint and of the run's page, so that training continues while it is
// written.
type Snapshot struct {
	At      checkpoint.At
	State   State
	Partial *Partial         // figures of an unfinished epoch; nil between epochs
	Model   weights.Snapshot // the network: where the run has a result, that
	Trained weights.Snapshot // what training has made; empty where Model is that
	Moments weights.Snapshot
	Method  weights.Snapshot     // tensors of the method; empty where it has none
	About   [3]map[string]string // metadata of Model, Moments and Method
	// AboutTrained is the metadata of Trained.
	AboutTrained map[string]string
	Page         report.Page
	Board        []byte   // the event file for TensorBoard
	Points       *Points  // for its projector; nil: those of before stay
	Classes      *Classes // of a result; nil: those of before stay
	Keep         int
	Pause        time.Duration // how long training waited for the copy
}

// Write writes the snapshot. Metrics, page, what TensorBoard reads and the classes come before the checkpoint: a checkpoint with a
// result marks the run as finished, so everything else must be there by then.
func (r *Dir) Write(s *Snapshot) error {
	lines := make([]any, len(s.State.History))
	for i, h := range s.State.History {
		lines[i] = h
	}
	if err := report.WriteMetrics(r.Path(MetricsFile), lines); err != nil {
		return err
	}
	if err := report.WriteHTML(r.Path(ReportFile), s.Page); err != nil {
		return err
	}
	if err := r.writeBoard(s); err != nil {
		return err
	}
	if err := r.writeClasses(s.Classes); err != nil {
		return err
	}
	files, err := s.files()
	if err != nil {
		return err
	}
	if err := r.Store.Save(s.At, files, s.Keep); err != nil || r.mirror == nil {
		return err
	}
	return r.mirror.Push(r.Name, s.At, s.Keep)
}

// writeBoard writes what TensorBoard reads.
func (r *Dir) writeBoard(s *Snapshot) error {
	dir := r.Path(BoardFolder)
	if err := disk.MakeDir(dir); err != nil {
		return err
	}
	if err := disk.Update(filepath.Join(dir, BoardFile), s.Board); err != nil || s.Points == nil {
		return err
	}
	return s.Points.write(dir)
}

// writeClasses writes what queries have found by class, which may be nil.
func (r *Dir) writeClasses(c *Classes) error {
	if c == nil {
		return nil
	}
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return disk.Replace(r.Path(ClassesFile), append(b, '\n'))
}

// files is the content of the checkpoint's folder.
func (s *Snapshot) files() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, part := range []struct {
		name    string
		tensors weights.Snapshot
		about   map[string]string
		always  bool
	}{
		{network.ModelFile, s.Model, s.About[0], true},
		{TrainedFile, s.Trained, s.AboutTrained, false},
		{OptimizerFile, s.Moments, s.About[1], true},
		{MethodFile, s.Method, s.About[2], false},
	} {
		if !part.always && len(part.tensors) == 0 {
			continue
		}
		var b bytes.Buffer
		if err := file.Encode(&b, &file.Weights{Metadata: part.about, Tensors: part.tensors.Tensors()}); err != nil {
			return nil, err
		}
		files[part.name] = b.Bytes()
	}
	state, err := json.MarshalIndent(&s.State, "", "  ")
	if err != nil {
		return nil, err
	}
	files[StateFile] = append(state, '\n')
	if s.Partial != nil {
		if files[epochFile], err = json.Marshal(s.Partial); err != nil {
			return nil, err
		}
	}
	return files, nil
}

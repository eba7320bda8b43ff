package train

import (
	"fmt"
	"time"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/run"
	"udml-gpu/models/weights"
)

// maxFailedSaves is the number of failed checkpoints in a row that ends the run. A disk that is full or away for a while does
// not end it, and a run that could not be resumed does not use a machine for days.
const maxFailedSaves = 3

// saving is the checkpoint that is being written while training continues, and the outcome of earlier ones.
type saving struct {
	done     chan error    // receives the outcome of the write in progress; nil: there is none
	snapshot *run.Snapshot // that is being written
	good     checkpoint.At // position of the last complete checkpoint
	any      bool          // whether there is a complete checkpoint
	failed   int           // number of failed checkpoints in a row
}

// holds says whether the checkpoint of that position is complete.
func (s *saving) holds(at checkpoint.At) bool { return s.any && s.good == at }

// covers says whether the checkpoint of that position is complete or being written.
func (s *saving) covers(at checkpoint.At) bool {
	return s.holds(at) || s.done != nil && s.snapshot.At == at
}

// position is the present position in training.
func (t *Trainer) position() checkpoint.At {
	return checkpoint.At{Epoch: t.state.Epoch, Step: t.state.EpochStep}
}

// save begins to write a checkpoint of the present position; figures are those of the unfinished epoch. It first waits for
// the checkpoint before; see awaitSave for its error.
func (t *Trainer) save(figures *epochFigures) error {
	if err := t.awaitSave(); err != nil {
		return err
	}
	if err := t.group.Err(); err != nil { // then the last step is not one
		return err
	}
	start := time.Now()
	if t.state.EpochStep > 0 {
		t.recorder.read(figures)
	}
	if err := t.train.Err(); err != nil { // the last steps may have seen black images in place of unreadable ones
		return err
	}
	if err := t.keptError(); err != nil {
		return err
	}
	if err := t.diverging(); err != nil {
		return err
	}
	if err := t.checkFinite(); err != nil {
		return err
	}
	if !t.leads() { // rank 0 writes it
		t.saving.good, t.saving.any = t.position(), true
		return nil
	}
	s, err := t.snapshot(figures)
	if err != nil {
		return err
	}
	s.Pause = time.Since(start)
	done := make(chan error, 1)
	t.saving.done, t.saving.snapshot = done, s
	go func() { done <- t.run.Write(s) }()
	return nil
}

// snapshot copies what the checkpoint of the present position holds.
func (t *Trainer) snapshot(figures *epochFigures) (*run.Snapshot, error) {
	sheet := t.sheet()
	s := &run.Snapshot{
		At: t.position(), State: t.state, Page: sheet.Page(), Board: sheet.Board(), Points: t.points, Classes: t.classes,
		Keep: t.Network.Config.Keep,
	}
	if s.At.Step > 0 {
		var err error
		if s.Partial, err = newPartial(figures, t.recorder.choices(), t.method); err != nil {
			return nil, err
		}
		if p := t.loader.Plan(); p != nil {
			s.Partial.First, s.Partial.Second, s.Partial.RowLabels = p.First, p.Second, p.Labels
		}
	}
	moments, steps := t.moments()
	s.Model, s.Moments = weights.Take(t.Network.Store.Params()), weights.Take(moments)
	s.Method = weights.Take(t.methodTensors())
	s.About[0] = t.Network.About()
	s.Trained, s.AboutTrained = t.trained.values, t.trained.about
	s.About[1] = map[string]string{"steps": fmt.Sprint(steps)}
	return s, machine.Fault(t.Network.Device) // bytes read from a broken device are not the model
}

// pollSave checks without waiting whether the checkpoint in the background is done.
func (t *Trainer) pollSave() error {
	if err := t.run.MirrorErr(); err != nil {
		return err
	}
	select {
	case err := <-t.saving.done: // never from a nil channel
		return t.noteSave(err)
	default:
		return nil
	}
}

// awaitSave waits for the checkpoint in the background. A failed checkpoint is logged as a warning; after maxFailedSaves in a
// row the error is a *baddata.Error.
func (t *Trainer) awaitSave() error {
	if t.saving.done == nil {
		return nil
	}
	return t.noteSave(<-t.saving.done)
}

// noteSave records the outcome of the checkpoint in the background.
func (t *Trainer) noteSave(err error) error {
	s := t.saving.snapshot
	t.saving.done, t.saving.snapshot = nil, nil
	about := map[string]any{"epoch": s.At.Epoch, "epoch_step": s.At.Step, "step": s.State.Step, "pause_seconds": s.Pause.Seconds()}
	if err == nil {
		t.saving.good, t.saving.any, t.saving.failed = s.At, true, 0
		t.event("checkpoint", about)
		return nil
	}
	t.saving.failed++
	about["reason"] = err.Error()
	t.event("checkpoint failed", about)
	if t.saving.failed >= maxFailedSaves {
		return baddata.Errorf("%d checkpoints in a row cannot be written, the last because of: %w; %s",
			t.saving.failed, err, t.lastSafeText())
	}
	t.log.Warn().Err(err).Int("epoch", s.At.Epoch).Int("epoch_step", s.At.Step).
		Msgf("a checkpoint cannot be written; training goes on and tries again at the next one: %v", err)
	return nil
}

// lastSafeText says for messages which checkpoint is safe.
func (t *Trainer) lastSafeText() string {
	if !t.saving.any {
		return "the run has no checkpoint"
	}
	return "the checkpoint of " + t.positionText(t.saving.good) + " is intact"
}

// retryWait is the time between attempts of saveNow; tests shorten it.
var retryWait = time.Second

// saveNow returns when a checkpoint of the present position is complete or has failed too often.
func (t *Trainer) saveNow(figures *epochFigures) error {
	for {
		if err := t.save(figures); err != nil {
			return err
		}
		if err := t.awaitSave(); err != nil || t.saving.failed == 0 {
			return err
		}
		time.Sleep(retryWait)
	}
}

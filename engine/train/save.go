package train

import (
	"fmt"
	"time"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/models/weights"
)

// maxFailedSaves is how many checkpoints in a row may fail before the run ends: a disk that was full or away for a
// while costs nothing, and a run that nobody could go on from does not use a machine for days.
const maxFailedSaves = 3

// saving is the checkpoint that is being written while training goes on, and how the ones before it fared.
type saving struct {
	done   chan error // of the write in progress; nil: there is none
	what   *run.Snapshot
	good   checkpoint.At // the last one that is complete
	any    bool          // there is one
	failed int           // in a row
}

// holds says that the checkpoint of that moment is complete.
func (s *saving) holds(at checkpoint.At) bool { return s.any && s.good == at }

// covers says that the checkpoint of that moment is complete or being written.
func (s *saving) covers(at checkpoint.At) bool {
	return s.holds(at) || s.done != nil && s.what.At == at
}

// position is the present moment of training.
func (t *Trainer) position() checkpoint.At {
	return checkpoint.At{Epoch: t.state.Epoch, Step: t.state.EpochStep}
}

// save begins to write a checkpoint of the present moment, sum being what the unfinished epoch has shown. It waits for
// the one before; see awaitSave for its error.
func (t *Trainer) save(sum *epochFigures) error {
	if err := t.awaitSave(); err != nil {
		return err
	}
	start := time.Now()
	if t.state.EpochStep > 0 {
		t.recorder.read(sum)
	}
	if err := t.train.Err(); err != nil { // what was learnt since is of no image
		return err
	}
	if err := t.diverging(); err != nil {
		return err
	}
	if err := t.checkFinite(); err != nil {
		return err
	}
	s, err := t.snapshot(sum)
	if err != nil {
		return err
	}
	s.Pause = time.Since(start)
	done := make(chan error, 1)
	t.saving.done, t.saving.what = done, s
	go func() { done <- t.run.Write(s) }()
	return nil
}

// snapshot copies what the checkpoint of this moment holds.
func (t *Trainer) snapshot(sum *epochFigures) (*run.Snapshot, error) {
	s := &run.Snapshot{At: t.position(), State: t.state, Page: t.sheet().Page(), Keep: t.Network.Config.Keep}
	if s.At.Step > 0 {
		var err error
		if s.Partial, err = newPartial(sum, t.recorder.choices(), t.method); err != nil {
			return nil, err
		}
		if p := t.loader.Plan(); p != nil {
			s.Partial.First, s.Partial.Second = p.First, p.Second
		}
	}
	s.Model, s.Moments, s.Method = weights.Take(t.Network.Store.Params()), weights.Take(t.optim.State()), weights.Take(t.kept())
	s.About[0] = map[string]string{"format": "pt", "backbone": t.Network.Backbone.Name, "whitened": fmt.Sprint(t.Network.Whitens), setting.PipelineKey: t.Network.Config.Pipeline()}
	s.About[1] = map[string]string{"steps": fmt.Sprint(t.optim.Steps())}
	return s, machine.Fault(t.Network.Device) // what was read of a broken device is not the model
}

// pollSave looks whether the checkpoint in the background is done, without waiting for it.
func (t *Trainer) pollSave() error {
	select {
	case err := <-t.saving.done: // of a nil channel: never
		return t.noteSave(err)
	default:
		return nil
	}
}

// awaitSave waits for the checkpoint in the background. One that failed is a warning; the error, a *data.Error, is of too
// many in a row.
func (t *Trainer) awaitSave() error {
	if t.saving.done == nil {
		return nil
	}
	return t.noteSave(<-t.saving.done)
}

// noteSave notes how the checkpoint in the background ended.
func (t *Trainer) noteSave(err error) error {
	s := t.saving.what
	t.saving.done, t.saving.what = nil, nil
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
		return baddata.Errorf("%d checkpoints in a row cannot be written, the last because of: %w; %s", t.saving.failed, err, t.lastSafeText())
	}
	t.log.Warn().Err(err).Int("epoch", s.At.Epoch).Int("epoch_step", s.At.Step).
		Msg("a checkpoint cannot be written; training goes on and tries again at the next one")
	return nil
}

// lastSafeText says what of the run is safe.
func (t *Trainer) lastSafeText() string {
	if !t.saving.any {
		return "the run has no checkpoint"
	}
	return "the checkpoint of " + t.positionText(t.saving.good) + " is intact"
}

// retryWait is the time between attempts to write a checkpoint that training cannot go on without.
var retryWait = time.Second

// saveNow returns when a checkpoint of the present moment is complete, or failed too often.
func (t *Trainer) saveNow(sum *epochFigures) error {
	for {
		if err := t.save(sum); err != nil {
			return err
		}
		if err := t.awaitSave(); err != nil || t.saving.failed == 0 {
			return err
		}
		time.Sleep(retryWait)
	}
}

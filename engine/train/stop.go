package train

import (
	"context"
	"errors"
	"fmt"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/run"
)

// ErrStopped: a signal ended the run after its state was saved; the program exits with code 75. The errors that wrap it
// say how to go on.
var ErrStopped = errors.New("stopped by a signal")

// stoppedEarly is for a run that was stopped while its images were read.
func stoppedEarly(dir string) error {
	return fmt.Errorf("%w before training began; udml-gpu train --resume %s starts it", ErrStopped, dir)
}

// boundary is the moment between two steps: what was asked for by a signal is done here, and what is due.
func (t *Trainer) boundary(ctx context.Context, sum *epochFigures) error {
	if err := t.pollSave(); err != nil {
		return err
	}
	if err := t.train.Err(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return t.saveIfStopped(ctx.Err(), sum)
	}
	select {
	case <-t.requests:
		t.log.Info().Msg("a checkpoint is written, as a signal asked for")
		return t.saveUnlessSaved(sum)
	default:
	}
	if every := t.Network.Config.CheckSteps; every > 0 && t.state.EpochStep > 0 && t.state.EpochStep%every == 0 && !t.saving.covers(t.position()) {
		t.countSeconds()
		return t.save(sum)
	}
	return nil
}

// saveIfStopped sees to it that a signal which ends what lies between steps, an evaluation or the search for neighbours, leaves a
// checkpoint of the present step. Other errors stay what they are.
func (t *Trainer) saveIfStopped(err error, sum *epochFigures) error {
	if errors.Is(err, context.Canceled) {
		if failed := t.saveUnlessSaved(sum); failed != nil {
			return failed
		}
	}
	return err
}

// saveUnlessSaved makes sure of a checkpoint of this moment before training goes on or ends.
func (t *Trainer) saveUnlessSaved(sum *epochFigures) error {
	if err := t.awaitSave(); err != nil || t.saving.holds(t.position()) {
		return err
	}
	t.countSeconds()
	return t.saveNow(sum)
}

// interrupted turns the end of the context into the sentence that tells where the run can go on.
func (t *Trainer) interrupted() error {
	t.show.Clear()
	if err := t.awaitSave(); err != nil {
		return err
	}
	if !t.saving.any {
		return fmt.Errorf("%w before the first epoch was saved; udml-gpu train --resume %s starts it again at step 0", ErrStopped, t.run.Name)
	}
	return fmt.Errorf("%w; %s is saved, and udml-gpu train --resume %s goes on after it", ErrStopped, t.positionText(t.saving.good), t.run.Name)
}

// positionText names a moment of training for messages.
func (t *Trainer) positionText(at checkpoint.At) string {
	if at.Step == 0 {
		return fmt.Sprintf("epoch %d of %d", at.Epoch, t.Network.Config.Epochs)
	}
	return fmt.Sprintf("step %d of %d of epoch %d of %d", at.Step, t.loader.Batches(), at.Epoch+1, t.Network.Config.Epochs)
}

// conclude writes how training ended into the diary, and gives an interruption its sentence.
func (t *Trainer) conclude(r *run.Result, err error) (*run.Result, error) {
	if errors.Is(err, context.Canceled) {
		err = t.interrupted()
	}
	at := t.saving.good
	switch {
	case errors.Is(err, ErrStopped):
		t.event("stop", map[string]any{"saved_epoch": at.Epoch, "saved_epoch_step": at.Step, "reason": err.Error()})
	case err != nil:
		_ = t.awaitSave() // what comes of it changes nothing any more, and a diagnosis looks at what there is
		err = t.diagnosed(err)
		at = t.saving.good
		t.event("error", map[string]any{"saved_epoch": at.Epoch, "saved_epoch_step": at.Step, "reason": err.Error()})
	default:
		t.event("finish", r)
	}
	return r, err
}

// event adds a line to the run's diary. A diary that cannot be written does not end a run.
func (t *Trainer) event(kind string, about any) {
	if t.run.Events == nil {
		return
	}
	if err := t.run.Events.Add(kind, about); err != nil {
		t.log.Warn().Err(err).Msg(run.EventsFile + " cannot be written")
	}
}

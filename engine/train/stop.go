package train

import (
	"context"
	"errors"
	"fmt"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
)

// ErrStopped is the error of a run that a signal ended after its state was saved; the program exits with code 75. Errors that
// wrap it say how to continue.
var ErrStopped = errors.New("stopped by a signal")

// errEarly is that of a run that was stopped while its images were read, which ranks do apart from each other.
var errEarly = fmt.Errorf("%w before training began", ErrStopped)

// stoppedEarly is errEarly with what to do.
func stoppedEarly(dir string) error {
	return fmt.Errorf("%w; udml-gpu train --resume %s starts it", errEarly, dir)
}

// Together says whether all ranks of a run that ends with err end so, at the same place.
func Together(err error) bool {
	stopped := errors.Is(err, ErrStopped) && !errors.Is(err, errEarly)
	return err == nil || stopped || errors.Is(err, network.ErrDiverged)
}

// boundary is called between two steps: it ends training or writes a checkpoint if a signal asks for it, and writes the
// checkpoint that --checkpoint-steps makes due.
func (t *Trainer) boundary(ctx context.Context, figures *epochFigures) error {
	if err := t.pollSave(); err != nil {
		return err
	}
	if err := t.train.Err(); err != nil {
		return err
	}
	if err := t.agree(); err != nil {
		return err
	}
	t.inStep()
	if ctx.Err() != nil {
		return t.saveIfStopped(ctx.Err(), figures)
	}
	if t.requested() {
		t.log.Info().Msg("a checkpoint is written, as a signal asked for")
		return t.saveUnlessSaved(figures)
	}
	if t.checkpointDue() {
		t.countSeconds()
		return t.save(figures)
	}
	return nil
}

// checkpointDue says whether --checkpoint-steps asks for a checkpoint of the present position and none is written yet.
func (t *Trainer) checkpointDue() bool {
	every, step := t.Network.Config.CheckSteps, t.state.EpochStep
	return every > 0 && step > 0 && step%every == 0 && !t.saving.covers(t.position())
}

// saveIfStopped saves the present position if err is that of a signal, which may have ended an evaluation or the search for
// neighbours. It returns err, or the error of saving.
func (t *Trainer) saveIfStopped(err error, figures *epochFigures) error {
	if errors.Is(err, context.Canceled) {
		if failed := t.saveUnlessSaved(figures); failed != nil {
			return failed
		}
	}
	return err
}

// saveUnlessSaved makes sure that there is a checkpoint of the present position before training continues or ends.
func (t *Trainer) saveUnlessSaved(figures *epochFigures) error {
	t.limit.Elsewhere() // the others wait for the disk of rank 0
	if err := t.awaitSave(); err != nil || t.saving.holds(t.position()) {
		return err
	}
	t.countSeconds()
	return t.saveNow(figures)
}

// interrupted is the error of a run whose context has ended: it says from where the run can continue.
func (t *Trainer) interrupted() error {
	t.show.Clear()
	if err := t.awaitSave(); err != nil {
		return err
	}
	if !t.saving.any {
		return fmt.Errorf("%w before the first epoch was saved; udml-gpu train --resume %s starts it again at step 0",
			ErrStopped, t.run.Name)
	}
	return fmt.Errorf("%w; %s is saved, and udml-gpu train --resume %s goes on after it",
		ErrStopped, t.positionText(t.saving.good), t.run.Name)
}

// positionText names a position in training for messages.
func (t *Trainer) positionText(at checkpoint.At) string {
	if at.Step == 0 {
		return fmt.Sprintf("epoch %d of %d", at.Epoch, t.Network.Config.Epochs)
	}
	return fmt.Sprintf("step %d of %d of epoch %d of %d", at.Step, t.loader.Batches(), at.Epoch+1, t.Network.Config.Epochs)
}

// conclude writes the end of training into events.jsonl and, if a signal ended it, says from where the run can continue.
func (t *Trainer) conclude(r *run.Result, err error) (*run.Result, error) {
	if errors.Is(err, context.Canceled) {
		err = t.interrupted()
	}
	at := t.saving.good
	switch {
	case errors.Is(err, ErrStopped):
		t.event("stop", map[string]any{"saved_epoch": at.Epoch, "saved_epoch_step": at.Step, "reason": err.Error()})
	case err != nil:
		_ = t.awaitSave() // its outcome no longer matters, but the diagnosis looks at the checkpoints
		err = t.diagnosed(err)
		at = t.saving.good
		t.event("error", map[string]any{"saved_epoch": at.Epoch, "saved_epoch_step": at.Step, "reason": err.Error()})
	default:
		t.event("finish", r)
	}
	return r, err
}

// event adds a line to the run's events.jsonl. If it cannot be written there is a warning, and the run continues.
func (t *Trainer) event(kind string, about any) {
	if t.run.Events == nil {
		return
	}
	if err := t.run.Events.Add(kind, about); err != nil {
		t.log.Warn().Err(err).Msgf("%s cannot be written: %v", run.EventsFile, err)
	}
}

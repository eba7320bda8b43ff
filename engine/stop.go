package engine

import (
	"context"
	"errors"
	"fmt"
)

// ErrStopped: a signal ended the run after its state was saved; the program exits with code 75. The errors that wrap it
// say how to go on.
var ErrStopped = errors.New("stopped by a signal")

// stoppedEarly is for a run that was stopped while its images were read.
func stoppedEarly(dir string) error {
	return fmt.Errorf("%w before training began; udml-gpu train --resume %s starts it", ErrStopped, dir)
}

// interrupted turns the end of the context into the sentence that tells where the run can go on. The last checkpoint
// stands; what was done since is done again.
func (t *Trainer) interrupted() error {
	t.show.Clear()
	if t.saved < 0 {
		return fmt.Errorf("%w before the first epoch was saved; udml-gpu train --resume %s starts it again at step 0", ErrStopped, t.run.dir)
	}
	return fmt.Errorf("%w; epoch %d of %d is saved, and udml-gpu train --resume %s goes on after it",
		ErrStopped, t.saved, t.network.Config.Epochs, t.run.dir)
}

// conclude writes how training ended into the diary, and gives an interruption its sentence.
func (t *Trainer) conclude(r *Result, err error) (*Result, error) {
	switch {
	case errors.Is(err, context.Canceled):
		err = t.interrupted()
		t.event("stop", map[string]any{"saved_epoch": max(t.saved, 0), "reason": err.Error()})
	case err != nil:
		err = t.diagnosed(err)
		t.event("error", map[string]any{"saved_epoch": max(t.saved, 0), "reason": err.Error()})
	default:
		t.event("finish", r)
	}
	return r, err
}

// event adds a line to the run's diary. A diary that cannot be written does not end a run.
func (t *Trainer) event(kind string, about any) {
	if t.run.events == nil {
		return
	}
	if err := t.run.events.Add(kind, about); err != nil {
		t.log.Warn().Err(err).Msg(eventsFile + " cannot be written")
	}
}

package engine

import (
	"context"
	"errors"
	"strings"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data"
)

// Resume continues the run in dir with c, which CompatibleWith has passed.
func Resume(ctx context.Context, dir string, c Config, s Session) (*Trainer, error) {
	run := newRun(dir)
	if err := run.lock(); err != nil {
		return nil, err
	}
	t, err := resume(ctx, run, c, s)
	if err != nil {
		run.close()
	}
	if errors.Is(err, context.Canceled) {
		err = stoppedEarly(dir)
	}
	return t, err
}

// Finished is the result of the run in dir when it has all epochs that c asks for, and nil when there is something to
// do. It needs neither the images nor the machine of the run. What the process that finished it left half done, when it was killed
// right after, is removed.
func Finished(dir string, c Config, s Session) (*Result, error) {
	last, _, err := checkpoint.Latest(dir)
	if err != nil {
		return nil, nil // Resume says what is wrong
	}
	state, err := readState(last)
	if err != nil || state.Result == nil || state.Epoch < c.Epochs {
		return nil, err
	}
	if err := keepsPipeline(c, last); err != nil {
		return nil, err
	}
	run := newRun(dir)
	if run.lock() == nil { // else another process is at it, or the folder cannot be written: the result stands all the same
		run.tellRemoved(s.Log)
		run.close()
	}
	state.Result.Run = dir // it may have been moved
	return state.Result, nil
}

func resume(ctx context.Context, run *Run, c Config, s Session) (*Trainer, error) {
	last, warnings, err := checkpoint.Latest(run.dir)
	run.tellRemoved(s.Log)
	for _, w := range warnings {
		s.Log.Warn().Msg(w)
	}
	if err != nil && !errors.Is(err, checkpoint.ErrNone) {
		return nil, data.Errorf("--resume: %v", err)
	}
	fresh := err != nil
	if fresh && len(warnings) > 0 {
		return nil, data.Errorf("--resume %s: no checkpoint is intact (%s); nothing was changed", run.dir, strings.Join(warnings, "; "))
	}
	var state State
	if !fresh {
		if state, err = readState(last); err != nil {
			return nil, err
		}
		if err := keepsPipeline(c, last); err != nil {
			return nil, err
		}
	}
	if err := wantData(c, run.dir); err != nil {
		return nil, err
	}
	if fresh {
		return startOver(ctx, run, c, s)
	}
	t, err := assemble(ctx, c, s, run, s.builder())
	if err != nil {
		return nil, err
	}
	if err = t.restore(ctx, last, state, s); err == nil {
		err = run.writeConfig(c)
	}
	if err == nil {
		err = run.openEvents()
	}
	if err != nil {
		t.Close()
		return nil, err
	}
	about := t.opening()
	if len(s.Changes) > 0 {
		about["changes"] = s.Changes
	}
	t.event("resume", about)
	return t, nil
}

// startOver is for a run that was stopped before its first checkpoint.
func startOver(ctx context.Context, run *Run, c Config, s Session) (*Trainer, error) {
	s.Log.Info().Msg("the run has no checkpoint yet; it starts at step 0")
	t, err := assemble(ctx, c, s, run, NewNetwork)
	if err != nil {
		return nil, err
	}
	if err := run.writeConfig(c); err != nil {
		t.Close()
		return nil, err
	}
	if err := t.startFresh(ctx); err != nil {
		return nil, err
	}
	return t, nil
}

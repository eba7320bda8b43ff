package train

import (
	"context"
	"errors"
	"strings"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/dist/accord"
	"udml-gpu/engine/images"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/models/shard"
)

// Resume continues the run in dir with c, which setting.Config.CompatibleWith has accepted.
func Resume(ctx context.Context, dir string, c setting.Config, s Session) (*Trainer, error) {
	g, err := s.groupOf(c)
	if err != nil {
		return nil, err
	}
	c.Out = dir
	at, err := join(&c, g, func() (*run.Dir, error) {
		at := run.At(dir)
		return at, at.Lock()
	})
	if err != nil {
		return nil, err
	}
	if g.Rank() == 0 {
		err = at.UseMirror(ctx, s.Mirror, c.Mirror, s.Log)
	}
	var t *Trainer
	if err == nil {
		t, err = resume(ctx, at, c, s, g)
	}
	if err != nil {
		at.Close()
	}
	if errors.Is(err, context.Canceled) {
		err = stoppedEarly(dir)
	}
	return t, err
}

// Finished is the result of the run in dir if it has all epochs that c asks for; nil if epochs are left. It needs neither the
// images nor the machine of the run. Unfinished files of a killed process are removed.
func Finished(dir string, c setting.Config, s Session) (*run.Result, error) {
	last, _, err := checkpoint.Latest(dir)
	if err != nil {
		return nil, nil // Resume reports the fault
	}
	state, err := run.ReadState(last)
	if err != nil || state.Result == nil || state.Epoch < c.Epochs || !state.Result.Chosen(c.Result) {
		return nil, err
	}
	if err := network.KeepsPipeline(c, last); err != nil {
		return nil, err
	}
	at := run.At(dir)
	if s.leads() && at.Lock() == nil { // otherwise another process uses the run or it cannot be written: the result is valid nevertheless
		at.WarnRemoved(s.Log)
		at.Close()
	}
	state.Result.Run = rawname.Text(dir) // it may have been moved
	return state.Result, nil
}

func resume(ctx context.Context, at *run.Dir, c setting.Config, s Session, g *shard.Group) (*Trainer, error) {
	last, warnings, err := checkpoint.Latest(at.Name)
	at.WarnRemoved(s.Log)
	for _, w := range warnings {
		s.Log.Warn().Msg(w)
	}
	if err != nil && !errors.Is(err, checkpoint.ErrNone) {
		return nil, baddata.Errorf("--resume: %v", err)
	}
	fresh := err != nil
	if fresh && len(warnings) > 0 {
		return nil, baddata.Errorf("--resume %s: no checkpoint is intact (%s); nothing was changed", at.Name, strings.Join(warnings, "; "))
	}
	var state run.State
	if !fresh {
		if state, err = run.ReadState(last); err != nil {
			return nil, err
		}
		if err := network.KeepsPipeline(c, last); err != nil {
			return nil, err
		}
	}
	if err := images.WantData(c, at.Name); err != nil {
		return nil, err
	}
	if g.Ranks() > 1 {
		if err := accord.Same(g, accord.Fact{Name: "checkpoints", Value: last}); err != nil {
			return nil, err
		}
	}
	if fresh {
		return startOver(ctx, at, c, s, g)
	}
	t, err := assemble(ctx, c, s, g, at, s.builder())
	if err != nil {
		return nil, err
	}
	if err = t.restore(t.under(ctx), last, state, s); err == nil && t.leads() {
		if err = at.WriteConfig(c); err == nil {
			err = at.OpenEvents()
		}
	}
	if err != nil {
		t.Close()
		return nil, err
	}
	if !t.leads() {
		t.rankLog.Open(at.Name, g.Rank(), t.Network.Device.Name())
	}
	about := t.startFields()
	if len(s.Changes) > 0 {
		about["changes"] = s.Changes
	}
	t.event("resume", about)
	return t, nil
}

// startOver starts a run again that was stopped before its first checkpoint.
func startOver(ctx context.Context, at *run.Dir, c setting.Config, s Session, g *shard.Group) (*Trainer, error) {
	s.Log.Info().Msg("the run has no checkpoint yet; it starts at step 0")
	t, err := assemble(ctx, c, s, g, at, network.New)
	if err != nil {
		return nil, err
	}
	if t.leads() {
		if err := at.WriteConfig(c); err != nil {
			t.Close()
			return nil, err
		}
	}
	if err := t.startFresh(t.under(ctx)); err != nil {
		return nil, err
	}
	return t, nil
}

package engine

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights"
)

// freeToChange are the settings that do not alter what a run computes.
var freeToChange = map[string]bool{
	"epochs": true, "workers": true, "cache-ram": true, "keep": true, "checkpoint-every": true, "eval-every": true,
	"out": true, "device": true, "max-bad": true, "data": true, // the images themselves are held against the fingerprint
}

// CompatibleWith refuses a change of a setting that would make the resumed run another run.
func (c *Config) CompatibleWith(run Config) error {
	if err := c.Resolve(); err != nil {
		return err
	}
	if filepath.Clean(c.Out) != filepath.Clean(run.Out) {
		return usage("--out %s differs from the run's folder %s: a resumed run stays where it is", c.Out, run.Out)
	}
	if err := c.sameAs(run, func(name string) bool { return !freeToChange[name] }); err != nil {
		return err
	}
	if c.Epochs < run.Epochs {
		return usage("--epochs %d is less than the run's %d", c.Epochs, run.Epochs)
	}
	return nil
}

// networkKeys are the settings that say what a run's network is and how it sees an image.
var networkKeys = map[string]bool{
	"backbone": true, "pretrained": true, "size": true, "resize": true, "channels": true, "invert": true, "dim": true, "head-init": true,
}

// KeepsNetwork resolves c and refuses another network than the run's.
func (c *Config) KeepsNetwork(run Config) error {
	err := c.Resolve()
	if other := c.sameAs(run, func(name string) bool { return networkKeys[name] }); other != nil {
		return other // says more than that some setting does not go with it
	}
	return err
}

// sameAs refuses a difference in the settings that matter.
func (c *Config) sameAs(run Config, matters func(name string) bool) error {
	was, now := reflect.ValueOf(run), reflect.ValueOf(*c)
	for i := range was.NumField() {
		name := was.Type().Field(i).Tag.Get("yaml")
		if matters(name) && was.Field(i).Interface() != now.Field(i).Interface() {
			return usage("--%s %v differs from the run's %v: a run keeps its settings", name, now.Field(i), was.Field(i))
		}
	}
	return nil
}

// Resume continues the run in dir with c, which CompatibleWith has passed.
func Resume(ctx context.Context, dir string, c Config, s Session) (*Trainer, error) {
	run := &Run{dir: dir}
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
// do. It needs neither the images nor the machine of the run.
func Finished(dir string, c Config) (*Result, error) {
	last, _, err := checkpoint.Latest(dir)
	if err != nil {
		return nil, nil // Resume says what is wrong
	}
	state, err := readState(last)
	if err != nil || state.Result == nil || state.Epoch < c.Epochs {
		return nil, err
	}
	state.Result.Run = dir // it may have been moved
	return state.Result, nil
}

// wantData tells apart a data set that has been moved since the run began.
func (c *Config) wantData(dir string) error {
	if strings.HasPrefix(c.Data, demoScheme) {
		return nil
	}
	if _, err := os.Stat(data.Path(c.Data)); errors.Is(err, os.ErrNotExist) {
		return data.Errorf("the images of the run %s are not at %s: name where they lie now with --data", dir, c.Data)
	}
	return nil
}

func resume(ctx context.Context, run *Run, c Config, s Session) (*Trainer, error) {
	last, warnings, err := checkpoint.Latest(run.dir)
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
	}
	if err := c.wantData(run.dir); err != nil {
		return nil, err
	}
	if fresh {
		return startOver(ctx, run, c, s)
	}
	t, err := assemble(ctx, c, s, run, emptyNetwork)
	if err != nil {
		return nil, err
	}
	if err = t.restore(last, state, s.OtherMachine); err == nil {
		err = run.writeConfig(c)
	}
	if err == nil {
		err = run.openEvents()
	}
	if err != nil {
		t.Close()
		return nil, err
	}
	t.event("resume", t.opening())
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

func readState(dir string) (State, error) {
	var s State
	path := filepath.Join(dir, stateFile)
	b, err := os.ReadFile(path)
	if err != nil {
		return s, data.Errorf("--resume: %v", err)
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, data.Errorf("%s is damaged: %v", path, err)
	}
	if s.Version != stateVersion {
		return s, data.Errorf("%s was written by another version of this program: state version %d, this one reads %d", path, s.Version, stateVersion)
	}
	return s, nil
}

// restore puts a checkpoint's parameters, moments and counts into the trainer.
func (t *Trainer) restore(dir string, state State, otherMachine bool) error {
	if now := t.train.Fingerprint(); now != state.Data {
		return data.Errorf("--data %s is not what the run was trained on: its images or labels differ", t.network.Config.Data)
	}
	if diff := state.Environment.Differs(currentEnvironment(t.network.Device)); len(diff) > 0 {
		what := "this machine computes differently from the one the run began on: " + strings.Join(diff, "; ")
		if !otherMachine {
			return data.Errorf("%s; --other-machine goes on all the same", what)
		}
		t.log.Warn().Msg(what)
		state.Environment = currentEnvironment(t.network.Device)
	}
	t.state, t.saved = state, state.Epoch
	if err := t.read(filepath.Join(dir, modelFile), t.network.load); err != nil {
		return err
	}
	finished := t.network.Config.Epochs <= state.Epoch
	if !finished {
		t.network.dropWhitening()
		t.state.Result = nil
	}
	t.optim.SetSteps(state.Step)
	t.clock = layer.Clock{Seed: t.network.Config.Seed, Epoch: uint32(state.Epoch)}
	t.log.Info().Int("epoch", state.Epoch).Msg("resumed")
	return t.read(filepath.Join(dir, optimizerFile), func(f *weights.File) error { return loadMoments(t.optim.State(), f) })
}

func loadMoments(state []*tape.Param, f *weights.File) error {
	if err := weights.Load(state, f, weights.LoadOptions{}); err != nil {
		return data.Errorf("the run's %s does not fit its %s: %v", optimizerFile, configFile, err)
	}
	return nil
}

func (t *Trainer) read(path string, use func(*weights.File) error) error {
	f, err := weights.ReadFile(path)
	if err != nil {
		return data.Errorf("--resume: %v", err)
	}
	return use(f)
}

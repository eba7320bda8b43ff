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
	was, now := reflect.ValueOf(run), reflect.ValueOf(*c)
	for i := range was.NumField() {
		name := was.Type().Field(i).Tag.Get("yaml")
		if !freeToChange[name] && was.Field(i).Interface() != now.Field(i).Interface() {
			return usage("--%s %v differs from the run's %v: a resumed run keeps its settings", name, now.Field(i), was.Field(i))
		}
	}
	if c.Epochs < run.Epochs {
		return usage("--epochs %d is less than the run's %d", c.Epochs, run.Epochs)
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
	return t, err
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
	t, err := assemble(ctx, c, s, run)
	if err != nil {
		return nil, err
	}
	if fresh {
		err = t.startOver()
	} else {
		err = t.restore(last, state)
	}
	if err == nil {
		err = run.writeConfig(c)
	}
	if err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// startOver is for a run that was stopped before its first checkpoint.
func (t *Trainer) startOver() error {
	t.log.Info().Msg("the run has no checkpoint yet; it starts at step 0")
	if t.network.Config.HeadInit == "whiten" {
		if err := t.network.initHead(t.train); err != nil {
			return err
		}
	}
	return t.run.begin(t)
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
func (t *Trainer) restore(dir string, state State) error {
	if now := t.train.Fingerprint(); now != state.Data {
		return data.Errorf("--data %s is not what the run was trained on: its images or labels differ", t.network.Config.Data)
	}
	if diff := state.Environment.Differs(currentEnvironment(t.network.Device)); len(diff) > 0 {
		return data.Errorf("this machine computes differently from the one the run began on: %s", strings.Join(diff, "; "))
	}
	t.state = state
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

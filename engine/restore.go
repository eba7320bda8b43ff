package engine

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"udml-gpu/engine/data"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights"
)

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
	now := currentEnvironment(t.network.Device)
	if err := t.sameMachine(state.Environment, now, otherMachine); err != nil {
		return err
	}
	if err := t.sameImages(state, now); err != nil {
		return err
	}
	state.Environment, state.Data = now, t.train.Fingerprint()
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

// sameMachine refuses one that computes differently, unless that is allowed.
func (t *Trainer) sameMachine(was, now Environment, otherMachine bool) error {
	diff := was.Differs(now)
	if len(diff) == 0 {
		return nil
	}
	what := "this machine computes differently from the one the run began on: " + strings.Join(diff, "; ")
	if !otherMachine {
		return data.Errorf("%s; --other-machine goes on all the same", what)
	}
	t.log.Warn().Msg(what)
	return nil
}

// sameImages refuses other images than the run's. Where another decoder has read them, that their pixels differ is no
// fault of theirs.
func (t *Trainer) sameImages(state State, now Environment) error {
	switch {
	case t.train.Fingerprint() == state.Data:
		return nil
	case state.Environment.JPEG == now.JPEG:
		return data.Errorf("--data %s is not what the run was trained on: its images or labels differ", t.network.Config.Data)
	}
	t.log.Warn().Msgf("--data %s cannot be held against the run's images: JPEG files were decoded by %s then, by %s now",
		t.network.Config.Data, state.Environment.JPEG, now.JPEG)
	return nil
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

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

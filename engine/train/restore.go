package train

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/method"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/models/head"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights"
	"udml-gpu/models/weights/file"
)

// restore loads the parameters, moments and counts of the checkpoint in dir.
func (t *Trainer) restore(ctx context.Context, dir string, state run.State, s Session) error {
	now := machine.CurrentEnvironment(t.Network.Device)
	if err := t.sameMachine(state.Environment, now, s.OtherMachine); err != nil {
		return err
	}
	if err := t.sameImages(&state, now, s.Allowed); err != nil {
		return err
	}
	state.Environment, state.Data = now, t.train.Fingerprint()
	state.Version, state.WrittenBy = run.StateVersion, machine.Version()
	t.state, t.taken = state, state.Step
	t.saving.good, t.saving.any = t.position(), true
	err := t.read(trainedIn(dir), func(f *file.Weights) error { return t.restoreModel(ctx, f, s.Changes) })
	if err != nil {
		return err
	}
	if t.Network.Config.Epochs > state.Epoch || state.Result != nil && !state.Result.Chosen(t.Network.Config.Result) {
		t.Network.DropWhitening()
		t.state.Result = nil
		if t.state.Step == 0 {
			t.state.Before, t.state.StartByClass = nil, nil // of a run of no epochs it lacks what training is compared with
		}
	}
	t.numbers.setEpoch(state.Epoch)
	if err := t.restoreEpoch(dir, s.Changes); err != nil {
		return err
	}
	if err := t.restoreMethod(dir, s.Changes); err != nil {
		return err
	}
	t.log.Info().Int("epoch", t.state.Epoch).Int("epoch_step", t.state.EpochStep).
		Msgf("resumed after %d epochs and %d steps of the next", t.state.Epoch, t.state.EpochStep)
	return t.read(filepath.Join(dir, run.OptimizerFile), func(f *file.Weights) error { return t.restoreMoments(f, s.Changes) })
}

// trainedIn is the file of the checkpoint in dir that holds what training has made: the model's, unless the result is another network.
func trainedIn(dir string) string {
	path := filepath.Join(dir, run.TrainedFile)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	return filepath.Join(dir, network.ModelFile)
}

// sameMachine is an error if this machine computes differently from the run's, unless that is allowed.
func (t *Trainer) sameMachine(was, now machine.Environment, otherMachine bool) error {
	diff := was.Differences(now)
	if len(diff) == 0 {
		return nil
	}
	what := "this machine computes differently from the one the run began on: " + strings.Join(diff, "; ")
	if !otherMachine {
		return baddata.Errorf("%s; --other-machine continues nevertheless", what)
	}
	t.log.Warn().Msg(what)
	return nil
}

// sameImages is an error if the images are not those of the run, unless that is allowed: then an unfinished epoch begins
// again. If another JPEG decoder has read them the pixels may differ for that reason alone, and there is only a warning.
func (t *Trainer) sameImages(state *run.State, now machine.Environment, allowed setting.Allowance) error {
	name := t.Network.Config.Data
	switch what := "--data " + name + " is not what the run was trained on: its images or labels differ"; {
	case t.train.Fingerprint() == state.Data:
	case allowed.Has("data"):
		t.log.Warn().Msg(what)
		state.EpochStep = 0
	case state.Environment.JPEG == now.JPEG:
		return baddata.Errorf("%s; --allow-change data goes on with them, and --layout splits or plain reads folders named train, test "+
			"and val in another way", what)
	default:
		t.log.Warn().Msgf("--data %s cannot be compared with the run's images: JPEG files were decoded by %s then, by %s now",
			name, state.Environment.JPEG, now.JPEG)
	}
	return nil
}

// restoreModel loads the checkpoint's parameters. If a changed setting gives the run other parameters it loads those that fit,
// and the rest start as in a new run.
func (t *Trainer) restoreModel(ctx context.Context, f *file.Weights, changes []setting.Change) error {
	reshaped := setting.Reshapes(changes)
	if !reshaped && t.state.Step > 0 {
		return t.Network.Load(f)
	}
	all := t.Network.Store.Params()
	fitting, err := weights.Fitting(all, f)
	if err != nil {
		return baddata.Errorf("--resume: %v", err)
	}
	err = weights.Load(fitting, f, weights.LoadOptions{AllowExtra: true})
	t.Network.Changed()
	t.Network.KeepLicence(f)
	if err != nil {
		return baddata.Errorf("--resume: %v", err)
	}
	if !reshaped {
		return nil // a run of no epochs has no parameters of its method yet: they start as in a new run
	}
	t.log.Warn().Int("taken", len(fitting)).Int("parameters", len(all)).
		Msgf("the network has changed: the %d of %d parameters that fit are taken from the checkpoint, the others start anew",
			len(fitting), len(all))
	if t.Network.Config.FitsHead() && !hasParam(fitting, head.EmbeddingName+".weight") {
		return t.explain(t.Network.InitHead(ctx, t.train, &t.features.train))
	}
	return nil
}

func hasParam(list []*tape.Param, name string) bool {
	for _, p := range list {
		if p.Name == name {
			return true
		}
	}
	return false
}

// restoreEpoch restores the figures of an unfinished epoch, if the checkpoint is in the middle of one. A run whose settings
// have changed begins that epoch again, since its second half would not fit the first.
func (t *Trainer) restoreEpoch(dir string, changes []setting.Change) error {
	if len(changes) > 0 {
		t.state.EpochStep = 0
	}
	if t.state.EpochStep == 0 {
		return nil
	}
	if t.state.EpochStep > t.loader.Batches() {
		return baddata.Errorf("%s is damaged: it says that %d steps of an epoch are done, which has %d",
			filepath.Join(dir, run.StateFile), t.state.EpochStep, t.loader.Batches())
	}
	p, err := run.ReadPartial(dir, run.Shape{
		Steps: t.state.EpochStep, Clusters: len(t.recorder.choices()), Rows: t.loader.Rows(), Images: t.train.Len(),
	})
	if err != nil {
		return err
	}
	t.unfinished = newEpochFigures(t.Learner)
	t.unfinished.resume(p)
	t.recorder.resume(p.Labels)
	if keeper, ok := t.method.(method.EpochKeeper); ok {
		if err := keeper.SetEpochState(t.state.Epoch+1, t.train.Len(), p.Method); err != nil {
			return run.PartialError(dir, err)
		}
	}
	return t.resumePlan(p)
}

// restoreMethod loads the tensors of the method. They start anew in a run whose network or method has changed, or that has trained nothing.
func (t *Trainer) restoreMethod(dir string, changes []setting.Change) error {
	tensors := t.methodTensors()
	if len(tensors) == 0 {
		return nil
	}
	if t.state.Step == 0 || setting.Reshapes(changes) {
		if s, ok := t.method.(method.Starter); ok {
			s.Start()
		}
		return nil
	}
	return t.read(filepath.Join(dir, run.MethodFile), func(f *file.Weights) error {
		if err := weights.Load(tensors, f, weights.LoadOptions{}); err != nil {
			return baddata.Errorf("the run's %s does not fit its %s: %v", run.MethodFile, setting.ConfigFile, err)
		}
		return nil
	})
}

// restoreMoments loads the optimiser's moments and its count of steps. They start anew if the optimiser or the parameters
// have changed, or which of them are trained.
func (t *Trainer) restoreMoments(f *file.Weights, changes []setting.Change) error {
	if t.state.Step == 0 {
		return nil // a run of no epochs has none
	}
	for _, d := range changes {
		if d.Name == "optimizer" || d.Name == "train-blocks" || setting.Reshapes(changes) {
			return nil
		}
	}
	if err := weights.Load(t.optim.State(), f, weights.LoadOptions{}); err != nil {
		return baddata.Errorf("the run's %s does not fit its %s: %v", run.OptimizerFile, setting.ConfigFile, err)
	}
	steps, err := strconv.Atoi(f.Metadata["steps"])
	if err != nil || steps < 0 || steps > t.state.Step {
		return baddata.Errorf("the run's %s is damaged: it has no count of steps", run.OptimizerFile)
	}
	t.optim.SetSteps(steps)
	return nil
}

// read reads a weight file of the checkpoint and gives it to use.
func (t *Trainer) read(path string, use func(*file.Weights) error) error {
	f, err := file.Read(path)
	if err != nil {
		return baddata.Errorf("--resume: %v", err)
	}
	return use(f)
}

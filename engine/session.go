package engine

import (
	"context"
	"errors"
	"os"

	"udml-gpu/engine/data"
	"udml-gpu/engine/report"
	"udml-gpu/kernels"
)

// Session is how a run talks to the person who started it.
type Session struct {
	UI
	Progress Progress
	// Requests asks for a checkpoint at the next step with each value; nil: none is asked for.
	Requests <-chan os.Signal
	// OtherMachine lets a run go on where the machine computes differently from the one it began on.
	OtherMachine bool
	// Allowed may differ from what the resumed run has; Changes are the settings that do (CompatibleWith).
	Allowed Allowance
	Changes []Change
}

// builder is what a resumed run's network is made with: the checkpoint fills it, unless it has other parameters.
func (s *Session) builder() builder {
	if reshapes(s.Changes) {
		return NewNetwork
	}
	return emptyNetwork
}

// NewTrainer starts a run: it loads the images, builds the network and claims the run directory.
func NewTrainer(ctx context.Context, c Config, s Session) (*Trainer, error) {
	if err := c.wantWeights(); err != nil { // before images are read for nothing
		return nil, err
	}
	if c.Out == "" {
		c.Out = nextRun()
	}
	run, err := createRun(c)
	if err != nil {
		return nil, err
	}
	t, err := assemble(ctx, c, s, run, NewNetwork)
	if err == nil {
		err = t.startFresh(ctx)
	}
	switch {
	case errors.Is(err, context.Canceled):
		run.close() // its settings stay
		return nil, stoppedEarly(c.Out)
	case err != nil:
		run.abandon()
		return nil, err
	}
	return t, nil
}

// startFresh gives the embedding layer its start and the run its first state. Where it fails the trainer is closed.
func (t *Trainer) startFresh(ctx context.Context) error {
	t.network.tell(t.log)
	var err error
	if t.network.Config.HeadInit == "whiten" {
		err = t.blame(t.network.initHead(ctx, t.train))
	}
	if err == nil {
		err = t.begin()
	}
	if err != nil {
		t.Close()
	}
	return err
}

// builder makes the network of a trainer.
type builder func(Config, *kernels.Device) (*Network, error)

// assemble makes a trainer around the network that build makes.
func assemble(ctx context.Context, c Config, s Session, run *Run, build builder) (*Trainer, error) {
	dev, err := openDevice(c, s.Log)
	if err != nil {
		return nil, err
	}
	train, test, notes, err := openCaches(ctx, c, s.UI)
	if err != nil {
		dev.Close()
		return nil, err
	}
	t := &Trainer{train: train, test: test, notes: notes, run: run, log: s.Log, show: s.Progress, requests: s.Requests}
	if t.show == nil {
		t.show = silent{}
	}
	if c.PseudoLabels == "oracle" && !train.Labelled() {
		err = data.Errorf("--pseudo-labels oracle needs a label for each image that is trained on, and %d of the %d of %s have none; see --labels",
			train.Unlabelled(), train.Len(), c.Data)
	}
	if err == nil {
		err = checkFits(c, train.Len(), dev)
	}
	if err == nil {
		t.Learner, err = newLearner(c, min(c.Batch, train.Len()), build, dev)
	}
	if err != nil {
		t.closeData()
		dev.Close()
		return nil, err
	}
	t.network.count = s.Embedding
	t.recorder = newRecorder(dev, t.stepFor(min(c.Batch, train.Len())), c.Clusters, t.optim.GradNorm())
	t.recorder.streak = streak{state: &t.state, most: c.MaxBadSteps}
	t.load(c)
	return t, nil
}

// load starts what makes batches of the training images.
func (t *Trainer) load(c Config) {
	t.upload()
	t.makeLoader(c)
	t.log.Info().Str("backbone", c.Backbone).Str("method", c.Method).Int("images", t.train.Len()).
		Int("steps_per_epoch", t.loader.Batches()).Str("step_memory", t.network.Memory()).Str("device", t.network.Device.Name()).Msg("ready to train")
}

func (t *Trainer) makeLoader(c Config) {
	first, second := c.ranges()
	t.loader = data.NewLoader(t.network.Device, t.train, data.LoaderOptions{
		Batch: c.Batch, Size: c.Size, Invert: c.Invert, First: first, Second: second, Seed: c.Seed, Workers: c.Workers,
		Neighbours: c.Positives == "neighbours",
	})
}

// upload puts the images on a GPU where they leave half of its free memory alone: views are then made there.
func (t *Trainer) upload() {
	dev := t.network.Device
	free, _ := dev.MemoryInfo()
	if t.train.Upload(dev, free/2); t.test != t.train {
		free, _ = dev.MemoryInfo()
		t.test.Upload(dev, free/2)
	}
}

type silent struct{}

func (silent) Step(report.Position, map[string]float64) {}
func (silent) Clear()                                   {}

package train

import (
	"context"
	"errors"
	"os"
	"time"

	"udml-gpu/engine/data"
	"udml-gpu/engine/dist"
	"udml-gpu/engine/dist/nccl"
	"udml-gpu/engine/images"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/method"
	"udml-gpu/engine/network"
	"udml-gpu/engine/report"
	"udml-gpu/engine/run"
	"udml-gpu/engine/run/mirror"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/models/shard"
)

// Session is how a run reports to the user, and what the user allows a resumed run to change.
type Session struct {
	images.UI
	Progress Progress
	// Carrier connects the ranks that train the run together, and Limit is how long it waits for them; nil: this process is alone.
	Carrier shard.Carrier
	Limit   *dist.Limit
	// RankLog is the log of a rank that writes none of the run's files; nil: none.
	RankLog *run.RankLog
	// Source is the data set, open already; nil: it is opened. It is closed once its images are read.
	Source *data.Source
	// Requests asks with each value for a checkpoint at the next step; it may be nil.
	Requests <-chan os.Signal
	// Mirror is that of the run, claimed already; nil: the one that the settings name is claimed.
	Mirror *mirror.Mirror
	ResumeOptions

	method method.Method // that is trained by; nil: the one that the settings name. Tests have others
}

// ResumeOptions say what may differ in a resumed run.
type ResumeOptions struct {
	OtherMachine bool              // the machine may compute differently from the one on which the run began
	Allowed      setting.Allowance // settings that may differ from the run's
	Changes      []setting.Change  // settings that differ (setting.Config.CompatibleWith)
}

// builder makes the network of a resumed run: an empty one that the checkpoint fills, or a new one if its parameters change.
func (s *Session) builder() builder {
	if setting.Reshapes(s.Changes) {
		return network.New
	}
	return network.Empty
}

// methodOf is the method of a run with the settings c.
func (s *Session) methodOf(c setting.Config) (method.Method, error) {
	if s.method != nil {
		return s.method, nil
	}
	return c.NewMethod()
}

// groupOf is the ranks and shards of a run with the settings c (resolved); nil where batches are not cut.
func (s *Session) groupOf(c setting.Config) (*shard.Group, error) {
	ranks := 1
	if s.Carrier != nil {
		ranks = s.Carrier.Size()
	}
	if c.Reduce == "fast" && c.ReduceRanks != ranks {
		return nil, setting.Usage("--reduce-ranks %d differs from the number of ranks, %d: with --reduce fast the bytes of a run "+
			"depend on it", c.ReduceRanks, ranks)
	}
	if ranks == 1 {
		return GroupOf(c), nil
	}
	if c.Shards < ranks {
		return nil, setting.Usage("%d ranks cannot share the %d shards of a batch: start at most as many as --shards says, which a "+
			"run keeps", ranks, max(1, c.Shards))
	}
	return shard.New(c.Shards, s.Carrier), nil
}

// New starts a run: it creates the run directory, loads the images and builds the network.
func New(ctx context.Context, c setting.Config, s Session) (*Trainer, error) {
	if s.Source != nil {
		defer s.Source.Close() // where it is not read
	}
	if err := c.WantWeights(); err != nil { // before images are read in vain
		return nil, err
	}
	g, err := s.groupOf(c)
	if err != nil {
		return nil, err
	}
	dir, err := join(&c, g, func() (*run.Dir, error) {
		if c.Out == "" {
			c.Out = run.Next()
		}
		return run.Create(c)
	})
	if err != nil {
		return nil, err
	}
	if g.Rank() == 0 {
		err = dir.UseNewMirror(ctx, s.Mirror, c.Mirror, s.Log)
	}
	var t *Trainer
	if err == nil {
		t, err = assemble(ctx, c, s, g, dir, network.New)
	}
	if err == nil {
		err = t.startFresh(t.under(ctx))
	}
	var left *dist.LeftError
	switch {
	case errors.Is(err, context.Canceled):
		dir.Close() // keeps config.yaml, so that the run can be resumed
		return nil, stoppedEarly(c.Out)
	case errors.As(err, &left) && left.Code == dist.ExitStopped:
		dir.Close()
		return nil, err
	case err != nil:
		dir.Abandon()
		return nil, err
	}
	return t, nil
}

// startFresh initialises the embedding layer and the state of a new run. If it fails the trainer is closed.
func (t *Trainer) startFresh(ctx context.Context) error {
	t.Network.Tell(t.log)
	t.Network.TellConditions(t.log)
	var err error
	if t.Network.Config.FitsHead() {
		start, progress := time.Now(), t.Network.Progress
		t.Network.Progress = t.foreseeing(progress)
		err = t.Network.Renew(ctx, t.train, &t.features.train)
		t.Network.Progress = progress
		t.passSeconds = time.Since(start).Seconds()
		if err == nil {
			err = t.explain(t.Network.InitHead(ctx, t.train, &t.features.train))
		}
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
type builder func(setting.Config, *kernels.Device) (*network.Network, error)

// assemble makes a trainer around the network that build makes.
func assemble(ctx context.Context, c setting.Config, s Session, g *shard.Group, dir *run.Dir, build builder) (*Trainer, error) {
	dev, err := machine.Open(c, s.Log)
	if err != nil {
		return nil, err
	}
	train, test, notes, err := images.OpenCaches(ctx, c, s.Source, s.UI)
	if err != nil {
		dev.Close()
		return nil, err
	}
	t := &Trainer{
		train: train, test: test, notes: notes, run: dir, log: s.Log, ui: s.UI, show: s.Progress, requests: s.Requests,
		together: together{limit: s.Limit, rankLog: s.RankLog},
	}
	if t.show == nil {
		t.show = silent{}
	}
	batch := min(c.Batch, train.Len())
	if c.Epochs == 0 {
		batch = 0
	}
	if c, err = t.learnBy(c, batch, &s, g, dev, build); err != nil {
		t.closeData()
		dev.Close()
		return nil, err
	}
	t.Network.Progress, t.Network.Note, t.Network.Group = s.Embedding, s.Note, g
	if g.Ranks() > 1 {
		t.Network.Agree = t.agree
	}
	if err = t.sameInputs(); err == nil {
		err = s.connect(c, g, dev)
	}
	if err != nil {
		t.closeData()
		t.Free()
		dev.Close()
		return nil, err
	}
	t.upload()
	if batch > 0 {
		t.Replay(dev.CUDA())
		t.tell = func(line string) { t.log.Info().Msg(line) }
		t.recorder = newRecorder(dev, t.StepFor(batch), t.optim.GradNorm())
		t.recorder.streak = streak{state: &t.state, most: c.MaxBadSteps}
		t.startLoader(c)
	}
	return t, nil
}

// learnBy gives t the Learner of s for the settings c, with steps of that many images; 0: without any. It gives c as its steps fit (fit).
func (t *Trainer) learnBy(
	c setting.Config, batch int, s *Session, g *shard.Group, dev *kernels.Device, build builder,
) (setting.Config, error) {
	m, err := s.methodOf(c)
	if err == nil {
		err = checkMethod(m, c, t.train)
	}
	if err == nil && batch > 0 {
		var line string
		if c, line, err = fit(c, t.train.Len(), g, dev); line != "" {
			s.Log.Warn().Msg(line)
		}
	}
	if err == nil {
		t.Learner, err = newLearner(c, batch, t.train.Len(), true, build, m, g, dev)
	}
	return c, err
}

// connect has the GPUs of several ranks exchange arrays themselves where they can, and says how sums over ranks are formed.
func (s *Session) connect(c setting.Config, g *shard.Group, dev *kernels.Device) error {
	err := nccl.Attach(g, dev, machine.Host(), s.Limit.Get, s.Log)
	if err == nil && c.Reduce == "fast" && g.Ranks() > 1 {
		s.addFast(g, dev)
	}
	return err
}

// silent is Progress that shows nothing.
type silent struct{}

func (silent) Step(report.Position, map[string]float64) {}
func (silent) Clear()                                   {}

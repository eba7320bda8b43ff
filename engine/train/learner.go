package train

import (
	"cmp"

	"udml-gpu/engine/data/loader"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/method"
	"udml-gpu/engine/network"
	"udml-gpu/engine/optim"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/shard"
	"udml-gpu/models/tape"
)

// Learner is a network with the method whose loss is recorded on it, the optimiser and the learning rate schedule.
type Learner struct {
	Network  *network.Network
	method   method.Method
	optim    optim.Optimizer
	schedule optim.Schedule
	group    *shard.Group // of the shards that batches are cut into; nil: they are not
	numbers  *stepNumbers
	clock    layer.Clock
	views    []loader.View // of each image
	images   int           // that are trained on
	steps    map[int]*Step // by batch size
	kept     *kept         // nil: steps put their views through the backbone
	keeping  string        // what is kept of a frozen backbone's outputs, or why nothing is, for the log; "" for another backbone
	skip     *kernels.Array
	taken    int // number of steps, including skipped ones: the schedule depends on it
	replays  bool
	slower   string            // why steps are not launched as CUDA graphs although they should be; "" while nothing is in the way
	told     bool              // that steps of several ranks are graphs
	tell     func(line string) // of what is worth a line in the log; nil: nobody
}

// newLearner builds the network of c (resolved) on dev and records the step of m for a batch of that many images, which creates all
// parameters. With batch 0 nothing will be trained: there is no step, no optimiser, and no memory for either. The caller frees the
// learner and then closes the device. images is the number of images that are trained on; where keep is set, a frozen backbone's outputs of
// them are kept.
func newLearner(
	c setting.Config, batch, images int, keep bool, build builder, m method.Method, g *shard.Group, dev *kernels.Device,
) (*Learner, error) {
	network, err := build(c, dev)
	if err != nil {
		return nil, err
	}
	l := &Learner{
		Network: network, method: m, views: viewsOf(m, c), images: images, group: g, steps: map[int]*Step{},
		skip: dev.New(kernels.Int32, 1), numbers: newStepNumbers(dev),
	}
	l.clock = layer.Clock{Seed: c.Seed, Epoch: l.numbers.epoch}
	if err := l.checkParts(); err != nil {
		l.Free()
		return nil, err
	}
	if batch > 0 {
		if network.Frozen() && keep {
			k := newKept(network, m, l.views, images)
			if l.keeping = k.String(); k.fits() {
				l.kept = k
			}
		}
		l.StepFor(batch)
		network.Flatten()
		l.addInBackward(l.steps[batch])
		l.optim, _ = optim.New(network.Store.Trained(), c.OptimOptions()) // the name is checked by Resolve
	}
	l.schedule = optim.Schedule{Base: c.LR, Warmup: c.Warmup, Horizon: c.CosineSteps}
	if err := machine.Fault(dev); err != nil {
		l.Free()
		return nil, err
	}
	return l, nil
}

// BareLearner is a learner without data for batches of c.Batch images, for measuring a step.
func BareLearner(c setting.Config, dev *kernels.Device) (*Learner, error) {
	m, err := c.NewMethod()
	if err != nil {
		return nil, err
	}
	return newLearner(c, c.Batch, c.Batch, false, network.New, m, GroupOf(c), dev)
}

// GroupOf is the group of a process that computes all shards of c; nil where batches are not cut.
func GroupOf(c setting.Config) *shard.Group {
	if c.Shards <= 1 {
		return nil
	}
	return shard.Alone(c.Shards)
}

// Learn queues one step: loss and gradients, then the update, which does nothing where a number is not finite.
func (l *Learner) Learn(s *Step) { l.learn(s, nil) }

// learn is Learn that has r record the step; nil: no one does.
func (l *Learner) learn(s *Step, r *recorder) {
	l.numbers.begin(r.next(), l.optim.Begin(l.schedule.At(l.taken)))
	if !l.launch(s, r) {
		l.queue(s, r)
	}
	l.Network.Stepped()
	l.taken++
}

// queue queues the ops of a step, the same in every step.
func (l *Learner) queue(s *Step, r *recorder) {
	s.program.Run()
	if s.cut != nil {
		s.cut.Settle()
		l.addGradients(s)
	}
	l.optim.Check(l.skip, s.out.Loss.Value())
	s.program.Commit(l.skip)
	l.optim.Step(l.numbers.update, l.skip)
	if f, ok := l.method.(method.StepFollower); ok {
		f.AfterStep(method.Step{Outputs: s.out, Samples: s.samples, Skip: l.skip})
	}
	r.record(s, l.numbers.row, l.skip)
}

// StepFor is the recorded step for a batch of that size. The last, smaller batch of an epoch has a step of its own.
func (l *Learner) StepFor(batch int) *Step {
	if l.steps[batch] == nil {
		l.steps[batch] = l.newStep(batch)
		l.addInBackward(l.steps[batch])
	}
	return l.steps[batch]
}

// Free frees everything except the device.
func (l *Learner) Free() {
	for _, s := range l.steps {
		s.free()
	}
	l.kept.free()
	if l.optim != nil {
		l.optim.Free()
	}
	l.skip.Free()
	l.numbers.free()
	l.Network.Free()
}

// viewsOf are the views in which m sees each image, with sizes and augmentation of the settings. Small ones come last, so that the others
// are drawn as they are without.
func viewsOf(m method.Method, c setting.Config) []loader.View {
	weak, strong := c.Ranges()
	var list []loader.View
	for _, v := range method.ViewsOf(m) {
		ranges := weak
		if v.Strong {
			ranges = strong
		}
		ranges.Shows = c.Shows()
		list = append(list, loader.View{Size: cmp.Or(v.Size, c.ViewSize()), Ranges: ranges})
	}
	for range c.Crops {
		list = append(list, loader.View{Size: c.CropSize, Ranges: c.CropRanges()})
	}
	return list
}

// ViewsFor are the views in which the method of c (resolved) sees each image.
func ViewsFor(c setting.Config) ([]loader.View, error) {
	m, err := c.NewMethod()
	if err != nil {
		return nil, err
	}
	return viewsOf(m, c), nil
}

// moments are the optimiser's tensors, and its count of steps; nothing where nothing is trained.
func (l *Learner) moments() (list []*tape.Param, steps int) {
	if l.optim == nil {
		return nil, 0
	}
	return l.optim.State(), l.optim.Steps()
}

// Views are the views in which a step shows each image.
func (l *Learner) Views() []loader.View { return l.views }

// methodTensors are the tensors that the method keeps besides the network's parameters (method.Stateful).
func (l *Learner) methodTensors() []*tape.Param {
	if s, ok := l.method.(method.Stateful); ok {
		return s.State()
	}
	return nil
}

package engine

import (
	"udml-gpu/engine/method"
	"udml-gpu/engine/optim"
	"udml-gpu/kernels"
	"udml-gpu/models/layer"
)

// Learner is what learns: a network, the method whose loss is recorded on it, and the optimiser that follows its gradients.
type Learner struct {
	network  *Network
	method   method.Method
	optim    optim.Optimizer
	schedule optim.Schedule
	clock    layer.Clock
	steps    map[int]*step // by batch size
	skip     *kernels.Array
	taken    int // steps, skipped ones included: what the schedule counts
}

// newLearner builds the network of c (resolved) on dev and records the step for a batch of that many images, which creates all
// parameters. The caller frees the learner, and closes the device after it.
func newLearner(c Config, batch int, build builder, dev *kernels.Device) (*Learner, error) {
	network, err := build(c, dev)
	if err != nil {
		return nil, err
	}
	l := &Learner{network: network, steps: map[int]*step{}, clock: layer.Clock{Seed: c.Seed}}
	if l.method, err = method.New(c.Method, network.net, c.MethodOptions()); err != nil {
		network.Free()
		return nil, Usage("--method: %v", err)
	}
	l.skip = dev.New(kernels.Int32, 1)
	l.stepFor(batch)
	l.optim, _ = optim.New(network.Store.Trained(), c.optimOptions()) // the name is checked by Resolve
	l.schedule = optim.Schedule{Base: c.LR, Warmup: c.Warmup, Horizon: c.CosineSteps}
	if err := fault(dev); err != nil {
		l.free()
		return nil, err
	}
	return l, nil
}

// bareLearner is a learner for batches of c.Batch images without data, for measuring a step.
func bareLearner(c Config, dev *kernels.Device) (*Learner, error) {
	return newLearner(c, c.Batch, NewNetwork, dev)
}

// learn runs one step: loss and gradients, then the update, which a non-finite number turns into nothing. Between Check and
// Commit the gradients are complete and not yet applied.
func (l *Learner) learn(s *step) {
	s.program.Run()
	l.optim.Check(l.skip, s.out.Loss.Value())
	s.program.Commit(l.skip)
	l.optim.Step(l.schedule.At(l.taken), l.skip)
	l.taken++
}

// stepFor is the recorded step for a batch of that size; the last, smaller batch has its own.
func (l *Learner) stepFor(batch int) *step {
	if l.steps[batch] == nil {
		l.steps[batch] = l.newStep(batch)
	}
	return l.steps[batch]
}

// free gives back everything but the device.
func (l *Learner) free() {
	for _, s := range l.steps {
		s.free()
	}
	if l.optim != nil {
		l.optim.Free()
	}
	l.skip.Free()
	l.network.Free()
}

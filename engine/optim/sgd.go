package optim

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/update"
)

type sgd struct{ base }

func newSGD(c base) *sgd {
	s := &sgd{base: c}
	var momentum []*kernels.Array
	if c.o.Momentum != 0 {
		momentum = s.moment("momentum_buffer")
	}
	s.list = s.newList(momentum, nil)
	return s
}

func (s *sgd) options(lr float64) update.SGDOptions {
	return update.SGDOptions{LR: lr, Momentum: s.o.Momentum, WeightDecay: s.o.WeightDecay, Nesterov: s.o.Nesterov}
}

func (s *sgd) Begin(lr float64) [update.Numbers]float64 {
	s.steps++
	return s.options(lr).Numbers(s.steps)
}

// Step is torch.optim.SGD's.
func (s *sgd) Step(numbers, skip *kernels.Array) {
	s.clip()
	s.list.SGD(s.options(0), numbers, skip)
}

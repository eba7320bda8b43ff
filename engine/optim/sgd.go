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

// Step is torch.optim.SGD's.
func (s *sgd) Step(lr float64, skip *kernels.Array) {
	s.clip()
	o := update.SGDOptions{LR: lr, Momentum: s.o.Momentum, WeightDecay: s.o.WeightDecay, Nesterov: s.o.Nesterov}
	s.list.SGD(o, s.steps == 0, skip)
	s.steps++
}

package optim

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/update"
)

type sgd struct {
	base
	momentum []*kernels.Array // nil without momentum
}

func newSGD(c base) *sgd {
	s := &sgd{base: c}
	if c.o.Momentum != 0 {
		s.momentum = s.moment("momentum_buffer")
	}
	return s
}

// Step is torch.optim.SGD's.
func (s *sgd) Step(lr float64, skip *kernels.Array) {
	for i, p := range s.params {
		o := update.SGDOptions{LR: s.rate(p, lr), Momentum: s.o.Momentum, WeightDecay: s.o.WeightDecay, Nesterov: s.o.Nesterov}
		var m *kernels.Array
		if s.momentum != nil {
			m = s.momentum[i]
		}
		update.SGD(p.Value, p.Grad, m, o, s.steps == 0, skip)
	}
	s.steps++
}

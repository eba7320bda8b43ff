package optim

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/update"
)

// torch's defaults.
const beta1, beta2, adamEps = 0.9, 0.999, 1e-8

type adamW struct {
	base
	first, second []*kernels.Array
}

func newAdamW(c base) *adamW {
	a := &adamW{base: c}
	a.first, a.second = a.moment("exp_avg"), a.moment("exp_avg_sq")
	return a
}

// Step is torch.optim.AdamW's.
func (a *adamW) Step(lr float64, skip *kernels.Array) {
	a.steps++
	for i, p := range a.params {
		o := update.AdamWOptions{LR: a.rate(p, lr), Beta1: beta1, Beta2: beta2, Eps: adamEps, WeightDecay: a.o.WeightDecay}
		update.AdamW(p.Value, p.Grad, a.first[i], a.second[i], o, a.steps, skip)
	}
}

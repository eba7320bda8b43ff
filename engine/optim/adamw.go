package optim

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/update"
)

// torch's defaults.
const beta1, beta2, adamEps = 0.9, 0.999, 1e-8

type adamW struct{ base }

func newAdamW(c base) *adamW {
	a := &adamW{base: c}
	a.list = a.newList(a.moment("exp_avg"), a.moment("exp_avg_sq"))
	return a
}

func (a *adamW) options(lr float64) update.AdamWOptions {
	return update.AdamWOptions{LR: lr, Beta1: beta1, Beta2: beta2, Eps: adamEps, WeightDecay: a.o.WeightDecay}
}

func (a *adamW) Begin(lr float64) [update.Numbers]float64 {
	a.steps++
	return a.options(lr).Numbers(a.steps)
}

// Step is torch.optim.AdamW's.
func (a *adamW) Step(numbers, skip *kernels.Array) {
	a.clip()
	a.list.AdamW(a.options(0), numbers, skip)
}

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

// Step is torch.optim.AdamW's.
func (a *adamW) Step(lr float64, skip *kernels.Array) {
	a.clip()
	a.steps++
	o := update.AdamWOptions{LR: lr, Beta1: beta1, Beta2: beta2, Eps: adamEps, WeightDecay: a.o.WeightDecay}
	a.list.AdamW(o, a.steps, skip)
}

// Package update changes parameters by their gradients: SGD and AdamW as torch defines them, each in one pass, and
// the checks of gradients that come before.
package update

import (
	"math"

	"udml-gpu/kernels"
)

// tile is the number of elements that one core handles at a time.
const tile = 1 << 13

// SGDOptions are those of torch.optim.SGD.
type SGDOptions struct {
	LR, Momentum, Dampening, WeightDecay float64
	Nesterov                             bool
}

// AdamWOptions are those of torch.optim.AdamW.
type AdamWOptions struct{ LR, Beta1, Beta2, Eps, WeightDecay float64 }

// SGD is one step of torch.optim.SGD on parameters p with gradient g and momentum buffer m (nil when Momentum is 0), all
// of one shape, float32 or float64:
//
//	d = g + WeightDecay p
//	m = d on the first step, else Momentum m + (1-Dampening) d;    d = d + Momentum m if Nesterov, else m
//	p = p - LR d
//
// skip int32 [1] (or nil): not zero means do nothing; a GPU reads it when it comes to it.
func SGD(p, g, m *kernels.Array, o SGDOptions, first bool, skip *kernels.Array) {
	kernels.WantShape("update.SGD", "gradient", g, p.Shape()...)
	if o.Momentum != 0 {
		kernels.WantShape("update.SGD", "momentum", m, p.Shape()...)
	}
	switch path := kernels.PathOf("update.SGD", p, g, m); {
	case path == kernels.OnGPU:
		sgdCUDA(p, g, m, o, first, skip)
	case skipped(skip):
	case path == kernels.InFloat64:
		sgd[float64](p, g, m, o, first)
	default:
		sgd[float32](p, g, m, o, first)
	}
}

// AdamW is one step of torch.optim.AdamW on parameters p with gradient g and moments m, v, all of one shape, float32 or
// float64. step counts from 1:
//
//	p = p (1 - LR WeightDecay);   m = m + (1-Beta1)(g - m);   v = Beta2 v + (1-Beta2) g^2
//	p = p - LR/(1-Beta1^step) m / (sqrt(v)/sqrt(1-Beta2^step) + Eps)
//
// skip int32 [1] (or nil): not zero means do nothing; a GPU reads it when it comes to it.
func AdamW(p, g, m, v *kernels.Array, o AdamWOptions, step int, skip *kernels.Array) {
	kernels.WantShape("update.AdamW", "gradient", g, p.Shape()...)
	kernels.WantShape("update.AdamW", "first moment", m, p.Shape()...)
	kernels.WantShape("update.AdamW", "second moment", v, p.Shape()...)
	wantStep(step)
	switch path := kernels.PathOf("update.AdamW", p, g, m, v); {
	case path == kernels.OnGPU:
		adamWCUDA(p, g, m, v, o, step, skip)
	case skipped(skip):
	case path == kernels.InFloat64:
		adamW[float64](p, g, m, v, o, step)
	default:
		adamW[float32](p, g, m, v, o, step)
	}
}

func skipped(skip *kernels.Array) bool { return skip != nil && kernels.Data[int32](skip)[0] != 0 }

func wantStep(step int) {
	if step < 1 {
		panic("update.AdamW: steps count from 1")
	}
}

// Numbers are how many numbers of a step differ from those of others, float64, the same for both optimisers:
//
//	0  LR, the learning rate of a parameter whose factor is 1
//	1  step, from 1
//	2  AdamW: LR/(1-Beta1^step)
//	3  AdamW: 1/sqrt(1-Beta2^step)
const Numbers = 4

// Numbers are those of a step, for List.SGD.
func (o SGDOptions) Numbers(step int) [Numbers]float64 { return [Numbers]float64{o.LR, float64(step)} }

// Numbers are those of a step, for List.AdamW.
func (o AdamWOptions) Numbers(step int) [Numbers]float64 {
	wantStep(step)
	n := float64(step)
	return [...]float64{o.LR, n, o.LR / (1 - math.Pow(o.Beta1, n)), 1 / math.Sqrt(1-math.Pow(o.Beta2, n))}
}

func wantNumbers(op string, numbers *kernels.Array) {
	kernels.WantShape(op, "numbers", numbers, Numbers)
	kernels.WantType(op, "numbers", numbers, kernels.Float64)
}

// atStep are learning rate and step of numbers on the CPU.
func atStep(numbers *kernels.Array) (lr float64, step int) {
	n := kernels.Data[float64](numbers)
	return n[0], int(n[1])
}

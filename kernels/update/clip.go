package update

import (
	"math"

	"udml-gpu/kernels"
)

// clipEps is torch's addition to the norm before it divides by it.
const clipEps = 1e-6

// Clip is torch.nn.utils.clip_grad_norm_ with the L2 norm, over the gradients of the list:
//
//	norm[0] = sqrt(sum of the squares of all elements of all gradients)
//	norm[1] = min(1, most / (norm[0] + 1e-6))
//	g = g norm[1] for every gradient
//
// norm [2] is of the gradients' type, float32 or float64 (on a GPU: float32), and most is positive. Squares are added in
// float64, in an order fixed by the shapes; the factor is computed in float64 and rounded once. Where the norm is NaN or
// infinite, a gradient is: the factor is 1 then and gradients stay as they are, because Finite decides about such a step.
// Nothing waits for a GPU.
func (l *List) Clip(norm *kernels.Array, most float64) {
	kernels.WantShape("update.List.Clip", "norm", norm, 2)
	if !(most > 0) {
		panic("update.List.Clip: the largest norm is not positive")
	}
	switch kernels.PathOf("update.List.Clip", norm) {
	case kernels.OnGPU:
		l.clipCUDA(norm, most)
	case kernels.InFloat64:
		clip[float64](norm, l.grads, most)
	case kernels.InFloat32:
		clip[float32](norm, l.grads, most)
	}
}

// clipFactor is 1 where nothing is to be done. A norm of NaN fails the second comparison, an infinite one the first.
func clipFactor(norm, most float64) float64 {
	if !math.IsInf(norm, 1) && norm+clipEps > most {
		return most / (norm + clipEps)
	}
	return 1
}

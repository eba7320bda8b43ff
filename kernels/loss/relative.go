package loss

import (
	"fmt"
	"math"

	"udml-gpu/kernels"
)

// Relaxed is the relaxed contrastive loss of squared distances q [N,N] with weights w [N,N] in [0,1]. With relative distances
// d_ij = sqrt(q_ij) / mean_k sqrt(q_ik), the mean over all N with 0 for k = i:
//
//	loss = 1/(N (N-1)) sum over i != j of w_ij d_ij^2 + (1 - w_ij) max(0, delta - d_ij)^2
//
// dq [N,N] (or nil) is the gradient; it flows through the mean. The diagonals are not read, and the gradient's is 0. Where d_ij is below
// 1e-3 the gradient by q_ij is 0: the direction between two such rows is rounding. A row whose distances are all 0 has d = 0; with one
// row the loss is 0.
//
// A number of a row that is not finite makes the loss and that row's gradient NaN. loss [1]; float32 or float64, computed in float64: of
// exact distances the loss is off by at most u |loss|, u = 2^-24 in float32, an element of dq by 4 u of itself and of what cancels in it.
//
// Source: Kim, Kim, Cho, Kwak, "Embedding Transfer with Label Relaxation for Improved Metric Learning" (CVPR 2021), equation 5, as used by
// "Self-Taught Metric Learning without Labels" (CVPR 2022).
func Relaxed(loss, dq, q, w *kernels.Array, delta float64) {
	if !(delta >= 0) || math.IsInf(delta, 1) {
		panic(fmt.Sprintf("loss.Relaxed: delta %g, want one of 0 or more", delta))
	}
	relative("loss.Relaxed", loss, dq, q, w, delta, false)
}

// Distill is the divergence of relative distances d, of q [N,N] as Relaxed has them, from those t of target [N,N], a constant:
//
//	loss = 1/N sum_i KL(softmax_j(-t_ij) || softmax_j(-d_ij))
//
// over all j, with t_ii = d_ii = 0. Gradient, what is not finite, types and errors are as with Relaxed, but that what is not finite in
// target makes a row NaN too.
//
// Source: Kim et al., "Self-Taught Metric Learning without Labels" (CVPR 2022), equation 10.
func Distill(loss, dq, q, target *kernels.Array) {
	relative("loss.Distill", loss, dq, q, target, 0, true)
}

// nearestRelative is the least relative distance that has a direction.
const nearestRelative = 1e-3

func relative(op string, loss, dq, q, other *kernels.Array, delta float64, distill bool) {
	wantScores(op, loss, dq, q)
	kernels.WantShape(op, "q", q, q.Dim(0), q.Dim(0))
	kernels.WantShape(op, "w", other, q.Shape()...)
	switch kernels.PathOf(op, loss, dq, q, other) {
	case kernels.OnGPU:
		relativeCUDA(loss, dq, q, other, delta, distill)
	case kernels.InFloat64:
		relativeCPU[float64](loss, dq, q, other, delta, distill)
	case kernels.InFloat32:
		relativeCPU[float32](loss, dq, q, other, delta, distill)
	}
}

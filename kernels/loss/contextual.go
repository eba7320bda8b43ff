package loss

import (
	"fmt"
	"math"

	"udml-gpu/kernels"
)

// Contextual is the semantic similarity w [N,N] of rows from the similarities s [N,N] of their unit vectors, s_ij = t_i . t_j: the mean of
// how near two rows are and of how much their neighbourhoods share. sample, int32 [N], is the image that a row shows.
//
//	P_ij = exp(-max(0, 2 - 2 s_ij) / sigma)
//	top(i): the k rows j of largest P_ij, rows of the same image first; of equal ones the first. All rows where there are fewer than k
//	R(i) = { j in top(i) : i in top(j) }
//	T_ij = |R(i) and R(j)| / |R(i)| for j in R(i), else 0
//	H_i  = mean of T_h over the first k/2 rows h of top(i), k/2 rounded to even and at least 1
//	w_ij = (P_ij + (H_ij + H_ji)/2) / 2
//
// A row belongs to its own top rows as one of its image. A NaN is less than any number, and makes its P NaN. float32 or float64, computed
// in float64: of equal similarities the neighbours are the same everywhere, and w is off by at most u. k is at least 1. It takes N k
// integers and N (N + k) numbers of float64 besides.
//
// Source: Kim, Kim, Cho, Kwak, "Self-Taught Metric Learning without Labels" (CVPR 2022), equations 1 to 6; its program.
func Contextual(w, s, sample *kernels.Array, sigma float64, k int) {
	const op = "loss.Contextual"
	kernels.WantShape(op, "s", s, -1, -1)
	kernels.WantShape(op, "s", s, s.Dim(0), s.Dim(0))
	kernels.WantShape(op, "w", w, s.Shape()...)
	kernels.WantShape(op, "sample", sample, s.Dim(0))
	kernels.WantType(op, "sample", sample, kernels.Int32)
	if !(sigma > 0) || k < 1 {
		panic(fmt.Sprintf("%s: sigma %g and k %d, want both above 0", op, sigma, k))
	}
	n := s.Dim(0)
	k = min(k, n)
	if n == 0 {
		return
	}
	half := max(1, int(math.RoundToEven(float64(k)/2)))
	switch kernels.PathOf(op, w, s) {
	case kernels.OnGPU:
		contextualCUDA(w, s, sample, sigma, k, half)
	case kernels.InFloat64:
		contextual[float64](w, s, sample, sigma, k, half)
	case kernels.InFloat32:
		contextual[float32](w, s, sample, sigma, k, half)
	}
}

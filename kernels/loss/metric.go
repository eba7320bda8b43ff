package loss

import "udml-gpu/kernels"

// Metric is L_m, the centroid softmax loss, of embeddings f [N,D] (N = 2B, row i and row (i+B) mod N are two views of one
// image) against centroids c [S,D], with slot [N] and count [S] int32 as cluster.PseudoLabels left them:
//
//	s_ij = f_i . c_j / t   over live slots j (count > 0)
//	loss = -1/N sum_i [ f_i . f_(i+B) / t - LSE_{j != slot(i)} s_ij + alpha sum_{j != slot(i)} log(1 - softmax_j(s_i)) ]
//
// The partner f_(i+B) and the centroids are constants: df [N,D] (or nil) is the gradient through f_i alone. With one live
// slot only the first term is left. log(1 - softmax_j) is LSE_{q != j} - LSE_q: for the largest s_ij the exclusive sum
// is computed as such, so that loss and gradient stay finite at any temperature t. loss [1]. float32 or
// float64; s is a GEMM in that type, and so is its product back to df; all else is float64. On a GPU these products are
// float32 at any precision of the device. Cost O(N S D).
func Metric(loss, df, f, c, slot, count *kernels.Array, t, alpha float64) {
	const op = "loss.Metric"
	kernels.WantShape(op, "loss", loss, 1)
	kernels.WantShape(op, "f", f, -1, -1)
	kernels.WantShape(op, "c", c, -1, f.Dim(1))
	kernels.WantShape(op, "slot", slot, f.Dim(0))
	kernels.WantShape(op, "count", count, c.Dim(0))
	if df != nil {
		kernels.WantShape(op, "df", df, f.Shape()...)
	}
	if f.Dim(0)%2 != 0 {
		panic(op + ": f is " + f.String() + ", want two rows for each image")
	}
	switch kernels.PathOf(op, loss, df, f, c) {
	case kernels.OnGPU:
		metricCUDA(loss, df, f, c, slot, count, t, alpha)
	case kernels.InFloat64:
		metric[float64](loss, df, f, c, slot, count, t, alpha)
	case kernels.InFloat32:
		metric[float32](loss, df, f, c, slot, count, t, alpha)
	}
}

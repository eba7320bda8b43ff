package distance

import "udml-gpu/kernels"

// LogSumExp is y[i] = log sum_j exp(scale m(x_i, c_j)): y [N], x [N,D], c [M,D], all float32 or all float64, with m
// as Pairwise computes it. -Inf for M = 0. It equals act.LogSumExp of scale times the matrix of Pairwise, which it
// does not hold: memory O(N + M) besides the packed rows. It is for losses against many rows (STML, banks); nothing uses it yet.
//
// Error: that of the scores times |scale|, and (M/128 + 32) u for the sum of float32 on a GPU, u = 2^-24, with u
// |y| for the result. On the CPU the sum is kept in float64. A NaN among the scores gives NaN, else +Inf gives
// +Inf.
func LogSumExp(y, x, c *kernels.Array, m Metric, scale float64) {
	const op = "distance.LogSumExp"
	wantRows(op, x, c, m)
	kernels.WantShape(op, "y", y, x.Dim(0))
	kernels.WantType(op, "y", y, x.DType())
	switch kernels.PathOf(op, y, x, c) {
	case kernels.OnGPU:
		logSumExpCUDA(y, x, c, m, scale)
	case kernels.InFloat64:
		logSumExp[float64](y, x, c, m, scale)
	case kernels.InFloat32:
		logSumExp[float32](y, x, c, m, scale)
	}
}

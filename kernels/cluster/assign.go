package cluster

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
)

// Assign is label[i] = argmin_j |x_i - c_j|^2 and, unless dist is nil, dist[i] = that minimum: label [N] int32, dist [N],
// x [N,D], c [K,D], all of one float type. Ties go to the smaller index. A row without any number among its
// distances gets label -1 and dist +Inf, as all rows do when K is 0.
//
// The distances are those of distance.Pairwise, in GEMM form with repair; so the chosen centroid is at most twice that
// bound further away than the nearest. No N x K matrix is held. On a GPU it is one kernel, that of distance.TopK for the
// nearest row.
func Assign(label, dist, x, c *kernels.Array) {
	const op = "cluster.Assign"
	n := x.Dim(0)
	kernels.WantShape(op, "label", label, n)
	if dist == nil && x.Device().CUDA() {
		dist = x.Device().Scratch(kernels.Float32, n)
		defer dist.Free()
	} else if dist == nil {
		assignOnly(label, x, c)
		return
	}
	kernels.WantShape(op, "dist", dist, n)
	distance.TopK(dist.Reshape(n, 1), label.Reshape(n, 1), x, c, distance.SquaredL2, -1)
}

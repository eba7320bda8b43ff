package cluster

import "udml-gpu/kernels"

// Centroids is c[j] = mean of the rows x_i with label[i] = j and count[j] = their number: c [K,D], count [K] int32,
// x [N,D], label [N] int32 from -1 (a row of no cluster) to K-1. An empty cluster keeps its row of c.
//
// The rows are sorted by label with a stable counting sort; each cluster's are then added in order in float64. So the
// result does not depend on the number of cores, and its error is the rounding to c's type. A GPU adds in another fixed
// order, also in float64, and takes a label outside of -1 to K-1 for -1, where the CPU panics.
func Centroids(c, count, x, label *kernels.Array) {
	const op = "cluster.Centroids"
	kernels.WantShape(op, "c", c, -1, x.Dim(1))
	kernels.WantShape(op, "count", count, c.Dim(0))
	kernels.WantShape(op, "label", label, x.Dim(0))
	kernels.WantType(op, "c", c, x.DType())
	switch kernels.PathOf(op, x) {
	case kernels.OnGPU:
		centroidsCUDA(c, count, x, label)
	case kernels.InFloat64:
		n, l := kernels.Data[int32](count), kernels.Data[int32](label)
		centroids(kernels.Data[float64](c), kernels.Data[float64](x), n, l, x.Dim(1))
	case kernels.InFloat32:
		n, l := kernels.Data[int32](count), kernels.Data[int32](label)
		centroids(kernels.Data[float32](c), kernels.Data[float32](x), n, l, x.Dim(1))
	}
}

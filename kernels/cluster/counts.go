package cluster

import "udml-gpu/kernels"

// Counts is w[j] = count[j] as a number: w [S] float32 or float64, count [S] int32. With it results per slot are weighted by
// the slot's members. Exact below 2^24 members.
func Counts(w, count *kernels.Array) {
	const op = "cluster.Counts"
	kernels.WantShape(op, "count", count, -1)
	kernels.WantShape(op, "w", w, count.Dim(0))
	switch kernels.PathOf(op, w) {
	case kernels.OnGPU:
		countsCUDA(w, count)
	case kernels.InFloat64:
		counts(kernels.Data[float64](w), kernels.Data[int32](count))
	case kernels.InFloat32:
		counts(kernels.Data[float32](w), kernels.Data[int32](count))
	}
}

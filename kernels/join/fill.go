package join

import "udml-gpu/kernels"

// Fill sets every element of y, of any shape, float32 or float64, to v. Array.Fill sets bytes, so it cannot write a 1.
func Fill(y *kernels.Array, v float64) {
	if y.Device().CUDA() {
		kernels.WantFloat32("join.Fill", y)
		fillCUDA(y, v)
		return
	}
	if y.DType() == kernels.Float64 {
		fill(kernels.Data[float64](y), v)
		return
	}
	fill(kernels.Data[float32](y), float32(v))
}

func fill[T kernels.Float](y []T, v T) {
	for i := range y {
		y[i] = v
	}
}

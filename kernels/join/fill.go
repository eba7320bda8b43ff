package join

import "udml-gpu/kernels"

// Fill sets every element of y, of any shape, float32 or float64, to v. Array.Fill sets bytes, so it cannot write a 1.
func Fill(y *kernels.Array, v float64) {
	switch kernels.PathOf("join.Fill", y) {
	case kernels.OnGPU:
		fillCUDA(y, v)
	case kernels.InFloat64:
		fill(kernels.Data[float64](y), v)
	case kernels.InFloat32:
		fill(kernels.Data[float32](y), float32(v))
	}
}

func fill[T kernels.Float](y []T, v T) {
	for i := range y {
		y[i] = v
	}
}

package join

import "udml-gpu/kernels"

var fillKernel = kernels.NewKernel("join_fill")

func fillCUDA(y *kernels.Array, v float64) {
	if y.Len() > 0 {
		y.Device().Launch(fillKernel, kernels.Elements(y.Len()), kernels.Ptr(y), kernels.F32(v), kernels.I64(y.Len()))
	}
}

package norm

import "udml-gpu/kernels"

var (
	l2Kernel         = kernels.NewKernel("norm_l2")
	l2BackwardKernel = kernels.NewKernel("norm_l2_backward")
)

func l2CUDA(y, norm, x *kernels.Array, eps float64) {
	if n, d := x.Dim(0), x.Dim(1); n > 0 {
		x.Device().Launch(l2Kernel, kernels.Rows(n), kernels.Ptr(y), kernels.Ptr(norm), kernels.Ptr(x), kernels.F64(eps),
			kernels.I32(n), kernels.I32(d), kernels.I32(kernels.Pack(d, y, x)))
	}
}

func l2BackwardCUDA(dx, dy, y, norm *kernels.Array, eps float64) {
	if n, d := y.Dim(0), y.Dim(1); n > 0 {
		y.Device().Launch(l2BackwardKernel, kernels.Rows(n), kernels.Ptr(dx), kernels.Ptr(dy), kernels.Ptr(y), kernels.Ptr(norm),
			kernels.F64(eps), kernels.I32(n), kernels.I32(d), kernels.I32(kernels.Pack(d, dx, dy, y)))
	}
}

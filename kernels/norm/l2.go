package norm

import "udml-gpu/kernels"

// L2 scales each row of x [N,D] to length 1, as torch.nn.functional.normalize: y = x / max(|x|, eps). It leaves
// the lengths |x| in norm [N]. float32 or float64, lengths summed in float64; y may be x.
func L2(y, norm, x *kernels.Array, eps float64) {
	kernels.WantShape("norm.L2", "x", x, -1, -1)
	kernels.WantShape("norm.L2", "y", y, x.Shape()...)
	kernels.WantShape("norm.L2", "norm", norm, x.Dim(0))
	switch kernels.PathOf("norm.L2", y, norm, x) {
	case kernels.OnGPU:
		l2CUDA(y, norm, x, eps)
	case kernels.InFloat64:
		l2(kernels.Data[float64](y), kernels.Data[float64](norm), kernels.Data[float64](x), x.Dim(1), eps)
	case kernels.InFloat32:
		l2(kernels.Data[float32](y), kernels.Data[float32](norm), kernels.Data[float32](x), x.Dim(1), eps)
	}
}

// L2Backward is dx = (dy - y (y . dy)) / |x| where |x| > eps, else dy/eps, with y and norm as L2 left them. dx may be dy.
func L2Backward(dx, dy, y, norm *kernels.Array, eps float64) {
	if dx == nil {
		return
	}
	kernels.WantShape("norm.L2Backward", "y", y, -1, -1)
	kernels.WantShape("norm.L2Backward", "dx", dx, y.Shape()...)
	kernels.WantShape("norm.L2Backward", "dy", dy, y.Shape()...)
	kernels.WantShape("norm.L2Backward", "norm", norm, y.Dim(0))
	switch kernels.PathOf("norm.L2Backward", dx, dy, y, norm) {
	case kernels.OnGPU:
		l2BackwardCUDA(dx, dy, y, norm, eps)
	case kernels.InFloat64:
		d := kernels.Data[float64]
		l2Backward(d(dx), d(dy), d(y), d(norm), y.Dim(1), eps)
	case kernels.InFloat32:
		d := kernels.Data[float32]
		l2Backward(d(dx), d(dy), d(y), d(norm), y.Dim(1), eps)
	}
}

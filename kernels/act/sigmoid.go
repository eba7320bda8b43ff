package act

import "udml-gpu/kernels"

// Sigmoid is y = 1/(1+exp(-x)), as torch.sigmoid. Any shape, float32 or float64; y may be x.
// On CUDA it is computed in float32: an error of some units in the last place.
func Sigmoid(y, x *kernels.Array) {
	kernels.WantShape("act.Sigmoid", "y", y, x.Shape()...)
	switch kernels.PathOf("act.Sigmoid", y, x) {
	case kernels.OnGPU:
		sigmoidCUDA(y, x)
	case kernels.InFloat64:
		sigmoid(kernels.Data[float64](y), kernels.Data[float64](x))
	case kernels.InFloat32:
		sigmoid(kernels.Data[float32](y), kernels.Data[float32](x))
	}
}

// SigmoidBackward is dx = dy y (1-y), with y the output of Sigmoid. dx may be dy.
func SigmoidBackward(dx, dy, y *kernels.Array) {
	if dx == nil {
		return
	}
	kernels.WantShape("act.SigmoidBackward", "dx", dx, y.Shape()...)
	kernels.WantShape("act.SigmoidBackward", "dy", dy, y.Shape()...)
	switch kernels.PathOf("act.SigmoidBackward", dx, dy, y) {
	case kernels.OnGPU:
		sigmoidBackwardCUDA(dx, dy, y)
	case kernels.InFloat64:
		sigmoidBackward(kernels.Data[float64](dx), kernels.Data[float64](dy), kernels.Data[float64](y))
	case kernels.InFloat32:
		sigmoidBackward(kernels.Data[float32](dx), kernels.Data[float32](dy), kernels.Data[float32](y))
	}
}

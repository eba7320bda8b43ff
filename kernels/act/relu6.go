package act

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// ReLU6 is y = min(6, max(0, x)), NaN kept, as torch.nn.functional.relu6. Any shape; float32, float64 or bfloat16; y may be x.
func ReLU6(y, x *kernels.Array) {
	kernels.WantShape("act.ReLU6", "y", y, x.Shape()...)
	switch kernels.PathOfMaps("act.ReLU6", []*kernels.Array{y, x}) {
	case kernels.OnGPU:
		relu6CUDA(y, x)
	case kernels.InFloat64:
		relu6(kernels.Data[float64](y), kernels.Data[float64](x))
	case kernels.InFloat32:
		relu6(kernels.Data[float32](y), kernels.Data[float32](x))
	case kernels.InBFloat16:
		var w bfloat.Wide
		ReLU6(w.Out(y), w.In(x))
		w.Done()
	}
}

// ReLU6Backward is dx = dy where 0 < y < 6 or y is NaN, else 0, with y the output of ReLU6. Of ReLU6's types; dx may be dy.
func ReLU6Backward(dx, dy, y *kernels.Array) {
	if dx == nil {
		return
	}
	kernels.WantShape("act.ReLU6Backward", "dx", dx, y.Shape()...)
	kernels.WantShape("act.ReLU6Backward", "dy", dy, y.Shape()...)
	switch kernels.PathOfMaps("act.ReLU6Backward", []*kernels.Array{dx, dy, y}) {
	case kernels.OnGPU:
		relu6BackwardCUDA(dx, dy, y)
	case kernels.InFloat64:
		relu6Backward(kernels.Data[float64](dx), kernels.Data[float64](dy), kernels.Data[float64](y))
	case kernels.InFloat32:
		relu6Backward(kernels.Data[float32](dx), kernels.Data[float32](dy), kernels.Data[float32](y))
	case kernels.InBFloat16:
		var w bfloat.Wide
		ReLU6Backward(w.Out(dx), w.In(dy), w.In(y))
		w.Done()
	}
}

// Package act holds the ops that work on each element or each row: ReLU, GELU, sigmoid, softmax, dropout and the like.
package act

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// tile is the number of elements that one core handles at a time: 64 KB of float32.
const tile = 1 << 14

// ReLU is y = max(0, x), NaN kept, as torch.relu. Any shape; float32, float64 or bfloat16; y may be x.
func ReLU(y, x *kernels.Array) {
	kernels.WantShape("act.ReLU", "y", y, x.Shape()...)
	switch kernels.PathOfMaps("act.ReLU", []*kernels.Array{y, x}) {
	case kernels.OnGPU:
		reluCUDA(y, x)
	case kernels.InFloat64:
		relu(kernels.Data[float64](y), kernels.Data[float64](x))
	case kernels.InFloat32:
		relu(kernels.Data[float32](y), kernels.Data[float32](x))
	case kernels.InBFloat16:
		var w bfloat.Wide
		ReLU(w.Out(y), w.In(x))
		w.Done()
	}
}

// ReLUBackward is dx = dy where y > 0 (or NaN), else 0, with y an output of ReLU: nowhere negative. Of ReLU's types; dx may be dy.
func ReLUBackward(dx, dy, y *kernels.Array) {
	if dx == nil {
		return
	}
	kernels.WantShape("act.ReLUBackward", "dx", dx, y.Shape()...)
	kernels.WantShape("act.ReLUBackward", "dy", dy, y.Shape()...)
	switch kernels.PathOfMaps("act.ReLUBackward", []*kernels.Array{dx, dy, y}) {
	case kernels.OnGPU:
		reluBackwardCUDA(dx, dy, y)
	case kernels.InFloat64:
		reluBackward64(kernels.Data[float64](dx), kernels.Data[float64](dy), kernels.Data[float64](y))
	case kernels.InFloat32:
		reluBackward32(kernels.Data[float32](dx), kernels.Data[float32](dy), kernels.Data[float32](y))
	case kernels.InBFloat16:
		var w bfloat.Wide
		ReLUBackward(w.Out(dx), w.In(dy), w.In(y))
		w.Done()
	}
}

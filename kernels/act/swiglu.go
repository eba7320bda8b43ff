package act

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// SwiGLU is y = gate sigmoid(gate) up, element by element: torch.nn.functional.silu(gate) * up, the gated unit of Shazeer, "GLU
// variants improve transformer" (2020), eq. 6, without its matrices. Any shape; float32, float64 or bfloat16; y may be gate or
// up. -Inf in gate gives NaN, as in torch. Relative error in float32: (10 - 4 log sigmoid(gate)) 2^-24.
func SwiGLU(y, gate, up *kernels.Array) {
	kernels.WantShape("act.SwiGLU", "y", y, gate.Shape()...)
	kernels.WantShape("act.SwiGLU", "up", up, gate.Shape()...)
	switch kernels.PathOfMaps("act.SwiGLU", []*kernels.Array{y, gate, up}) {
	case kernels.OnGPU:
		swigluCUDA(y, gate, up)
	case kernels.InFloat64:
		d := kernels.Data[float64]
		swiglu64(d(y), d(gate), d(up))
	case kernels.InFloat32:
		d := kernels.Data[float32]
		swiglu32(d(y), d(gate), d(up))
	case kernels.InBFloat16:
		var w bfloat.Wide
		SwiGLU(w.Out(y), w.In(gate), w.In(up))
		w.Done()
	}
}

// SwiGLUBackward is the gradient of SwiGLU, with s = sigmoid(gate):
//
//	dgate = dy up (s + gate s (1-s))     dup = dy gate s
//
// Both are wanted; each may be dy, gate or up, but not the other. Error in float32: some units in the last place of dy up, dy gate.
func SwiGLUBackward(dgate, dup, dy, gate, up *kernels.Array) {
	const op = "act.SwiGLUBackward"
	kernels.WantShape(op, "dgate", dgate, gate.Shape()...)
	kernels.WantShape(op, "dup", dup, gate.Shape()...)
	kernels.WantShape(op, "dy", dy, gate.Shape()...)
	kernels.WantShape(op, "up", up, gate.Shape()...)
	switch kernels.PathOfMaps(op, []*kernels.Array{dgate, dup, dy, gate, up}) {
	case kernels.OnGPU:
		swigluBackwardCUDA(dgate, dup, dy, gate, up)
	case kernels.InFloat64:
		d := kernels.Data[float64]
		swigluBackward64(d(dgate), d(dup), d(dy), d(gate), d(up))
	case kernels.InFloat32:
		d := kernels.Data[float32]
		swigluBackward32(d(dgate), d(dup), d(dy), d(gate), d(up))
	case kernels.InBFloat16:
		var w bfloat.Wide
		SwiGLUBackward(w.Out(dgate), w.Out(dup), w.In(dy), w.In(gate), w.In(up))
		w.Done()
	}
}

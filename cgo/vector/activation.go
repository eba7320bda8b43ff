//go:build cgo

package vector

// #include "vector.h"
import "C"

// GELU is y = x G(x), element by element, with G by kind: 0 the normal distribution, 1 its approximation by tanh, 2 by a sigmoid of
// 1.702 x. The relative error is at most (8 - 4 log G) 2^-24. y may be x.
func GELU(y, x []float32, kind int) {
	sameLength(y, x, x)
	C.udml_gelu(pointer(y), pointer(x), C.long(len(x)), C.int(kind))
}

// GELUBackward is dx = dy (G(x) + x G'(x)). dx may be dy.
func GELUBackward(dx, dy, x []float32, kind int) {
	sameLength(dx, dy, x)
	C.udml_gelu_backward(pointer(dx), pointer(dy), pointer(x), C.long(len(x)), C.int(kind))
}

// SwiGLU is y = gate sigmoid(gate) up. y may be gate or up.
func SwiGLU(y, gate, up []float32) {
	sameLength(y, gate, up)
	C.udml_swiglu(pointer(y), pointer(gate), pointer(up), C.long(len(y)))
}

// SwiGLUBackward is the gradient of SwiGLU. dgate and dup may be dy, gate or up, but not each other.
func SwiGLUBackward(dgate, dup, dy, gate, up []float32) {
	sameLength(dgate, dup, dy)
	sameLength(dgate, gate, up)
	C.udml_swiglu_backward(pointer(dgate), pointer(dup), pointer(dy), pointer(gate), pointer(up), C.long(len(dy)))
}

// ReLU6 is y = min(6, max(0, x)); NaN is kept. y may be x.
func ReLU6(y, x []float32) {
	sameLength(y, x, x)
	C.udml_relu6(pointer(y), pointer(x), C.long(len(x)))
}

// ReLU6Backward is dx = dy where 0 < y < 6 or y is NaN, else 0. dx may be dy.
func ReLU6Backward(dx, dy, y []float32) {
	sameLength(dx, dy, y)
	C.udml_relu6_backward(pointer(dx), pointer(dy), pointer(y), C.long(len(y)))
}

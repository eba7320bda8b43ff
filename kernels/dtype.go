package kernels

import (
	"fmt"
	"unsafe"
)

// DType names the element type of an Array.
type DType uint8

// The element types that arrays hold.
const (
	Float32 DType = iota
	Float64
	Int32
	Uint8
	BFloat16 // float32 with 7 bits of fraction: activations of bf16 training alone
)

// Size is the number of bytes of one element.
func (t DType) Size() int {
	switch t {
	case Float64:
		return 8
	case Float32, Int32:
		return 4
	case Uint8:
		return 1
	case BFloat16:
		return 2
	}
	panic(fmt.Sprintf("kernels: unknown dtype %d", t))
}

// String is the name that error messages use, such as "float32".
func (t DType) String() string {
	names := [...]string{"float32", "float64", "int32", "uint8", "bfloat16"}
	if int(t) < len(names) {
		return names[t]
	}
	return fmt.Sprintf("dtype(%d)", uint8(t))
}

// Float is the type that the generic CPU ops compute in: float32 in training, float64 in gradient checks.
type Float interface{ float32 | float64 }

// Brain is the bits of a bfloat16: the upper half of a float32's. The room bfloat converts.
type Brain uint16

// Element is any Go type that an Array can hold.
type Element interface {
	float32 | float64 | int32 | uint8 | Brain
}

// AsFloat32 is s as the type it is known to have, for code that is generic over Float up to there.
func AsFloat32[T Float](s []T) []float32 {
	if TypeOf[T]() != Float32 {
		panic("kernels: AsFloat32 of float64")
	}
	return *(*[]float32)(unsafe.Pointer(&s))
}

// TypeOf is the DType of the Go type T.
func TypeOf[T Element]() DType {
	switch any(*new(T)).(type) {
	case float32:
		return Float32
	case float64:
		return Float64
	case int32:
		return Int32
	case Brain:
		return BFloat16
	}
	return Uint8
}

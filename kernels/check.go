package kernels

import (
	"fmt"
	"slices"
)

// WantShape panics unless a has the given shape; -1 stands for any size. Ops call it once on entry:
// a mismatch is a bug in the caller, never an input error.
func WantShape(op, name string, a *Array, shape ...int) {
	ok := a != nil && len(a.shape) == len(shape)
	for i := 0; ok && i < len(shape); i++ {
		ok = shape[i] < 0 || a.shape[i] == shape[i]
	}
	if !ok {
		want := slices.Clone(shape) // shape itself stays off the heap
		panic(fmt.Sprintf("%s: %s is %v, want shape %v", op, name, a, want))
	}
}

// WantType panics unless a holds t.
func WantType(op, name string, a *Array, t DType) {
	if a.dtype != t {
		panic(fmt.Sprintf("%s: %s is %v, want %v", op, name, a, t))
	}
}

package kernels

import (
	"fmt"
	"slices"
)

// Path is how an op computes on its arrays: by a kernel, or on the CPU in one of three types.
type Path uint8

// The paths of an op.
const (
	OnGPU      Path = iota // float32; float64 too in an op that has such kernels
	InFloat64              // on the CPU
	InFloat32              // on the CPU
	InBFloat16             // on the CPU, in an op that takes such maps: as in float32, with the results rounded
)

// PathOf is the path for an op on the float arrays as, of which optional ones may be nil: the one place that knows which types an
// op takes where. It panics, with the op's name, unless all of them have the type of the path.
func PathOf(op string, as ...*Array) Path { return pathOf(op, Float32, as) }

// PathOfBoth is PathOf for an op that has kernels for both types, and for bfloat16: on a GPU all arrays must be float32, or all float64, or
// all bfloat16.
func PathOfBoth(op string, as ...*Array) Path {
	onGPU := Float32
	switch first := firstOf(as); {
	case first == nil:
	case first.dtype == BFloat16:
		return PathOfMaps(op, as)
	case first.dtype == Float64:
		onGPU = Float64
	}
	return pathOf(op, onGPU, as)
}

// PathOfMaps is PathOf for an op whose maps, activations and their gradients, may also be bfloat16, all of them. The others, such as
// parameters and statistics, are then float32.
func PathOfMaps(op string, maps []*Array, others ...*Array) Path {
	first := firstOf(maps)
	if first == nil || first.dtype != BFloat16 {
		return PathOf(op, slices.Concat(maps, others)...)
	}
	wantType(op, BFloat16, maps)
	wantType(op, Float32, others)
	if first.dev.gpu != nil {
		return OnGPU
	}
	return InBFloat16
}

func pathOf(op string, onGPU DType, as []*Array) Path {
	path, want := InFloat32, Float32
	if first := firstOf(as); first == nil {
		panic(op + ": there is no array")
	} else if first.dev.gpu != nil {
		path, want = OnGPU, onGPU
	} else if first.dtype == Float64 {
		path, want = InFloat64, Float64
	}
	wantType(op, want, as)
	return path
}

func firstOf(as []*Array) *Array {
	for _, a := range as {
		if a != nil {
			return a
		}
	}
	return nil
}

// WantFloat32 panics unless all of as (nil ones aside) are float32: the only float type that kernels compute in.
func WantFloat32(op string, as ...*Array) { wantType(op, Float32, as) }

func wantType(op string, t DType, as []*Array) {
	for _, a := range as {
		if a != nil && a.dtype != t {
			panic(fmt.Sprintf("%s: %v on %s, want %v", op, a, a.dev.name, t))
		}
	}
}

package parity

import (
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
	"udml-gpu/kernels/rng"
)

// Tensor describes the content of an array. Its type is Float32 for numbers that become float64 in the reference.
type Tensor struct {
	Type  kernels.DType
	Shape []int
	// At is element i. Nil: an output that is poisoned.
	At func(i int) float64
}

// Floats are numbers from [lo, hi), a function of seed alone.
func Floats(seed uint64, lo, hi float64, shape ...int) Tensor {
	key := rng.Key{Seed: seed, Op: rng.OpBench}
	return Tensor{kernels.Float32, shape, func(i int) float64 { return rng.Between(key.At(uint32(i / 4))[i%4], lo, hi) }}
}

// Ints are integers from [0, below).
func Ints(seed uint64, below int, shape ...int) Tensor {
	key := rng.Key{Seed: seed, Op: rng.OpBench}
	return Tensor{kernels.Int32, shape, func(i int) float64 { return float64(rng.Below(key.At(uint32(i))[0], below)) }}
}

// Bytes are integers from [0, below), below at most 256.
func Bytes(seed uint64, below int, shape ...int) Tensor {
	x := Ints(seed, below, shape...)
	x.Type = kernels.Uint8
	return x
}

// Values are the given numbers, repeated as often as the shape needs.
func Values(t kernels.DType, values []float64, shape ...int) Tensor {
	return Tensor{t, shape, func(i int) float64 { return values[i%len(values)] }}
}

// Stored is x as bfloat16: its numbers are rounded to that, also where the array is float64.
func (x Tensor) Stored() Tensor {
	x.Type = kernels.BFloat16
	return x
}

// StoredBound is how far rounding a result to bfloat16 may move it, relative to itself: half of the last of 8 bits.
const StoredBound = 0x1p-8

// Single is a copy in float32 of a bfloat16 array, in scratch memory that the caller frees.
func Single(a *kernels.Array) *kernels.Array {
	w := a.Device().Scratch(kernels.Float32, a.Shape()...)
	bfloat.Unpack(w, a)
	return w
}

// Output is an array for the op to fill.
func Output(t kernels.DType, shape ...int) Tensor { return Tensor{Type: t, Shape: shape} }

// With is x with some elements replaced: NaN and infinities among others.
func (x Tensor) With(replaced map[int]float64) Tensor {
	at := x.At
	x.At = func(i int) float64 {
		if v, ok := replaced[i]; ok {
			return v
		}
		return at(i)
	}
	return x
}

// Awkward is x with a NaN, both infinities, a negative zero and a subnormal spread over its elements.
func (x Tensor) Awkward() Tensor {
	n := 1
	for _, s := range x.Shape {
		n *= s
	}
	m := map[int]float64{}
	for k, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 1e-42} {
		if n > 0 {
			m[(k*n/5+k)%n] = v
		}
	}
	return x.With(m)
}

// write fills a with the tensor's elements; float32 numbers are rounded first, also where a is float64.
func (x Tensor) write(a *kernels.Array) {
	n := a.Len()
	switch a.DType() {
	case kernels.Float32:
		kernels.Write(a, elements(n, x.At, func(v float64) float32 { return float32(v) }))
	case kernels.Float64:
		kernels.Write(a, elements(n, x.At, func(v float64) float64 { return x.rounded(v) }))
	case kernels.Int32:
		kernels.Write(a, elements(n, x.At, func(v float64) int32 { return int32(v) }))
	case kernels.BFloat16:
		kernels.Write(a, elements(n, x.At, func(v float64) kernels.Brain { return bfloat.Of(float32(v)) }))
	default:
		kernels.Write(a, elements(n, x.At, func(v float64) uint8 { return uint8(v) }))
	}
}

func (x Tensor) rounded(v float64) float64 {
	switch x.Type {
	case kernels.Float64:
		return v
	case kernels.BFloat16:
		return float64(bfloat.Float(bfloat.Of(float32(v))))
	}
	return float64(float32(v))
}

func elements[T kernels.Element](n int, at func(int) float64, to func(float64) T) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = to(at(i))
	}
	return s
}

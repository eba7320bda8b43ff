// Package bfloat converts between float32 and bfloat16, which has its sign and exponent and 7 bits of its fraction.
package bfloat

import (
	"fmt"
	"math"
	"unsafe"

	"udml-gpu/kernels"
)

const tile = 1 << 14

// Bytes is what a number takes.
const Bytes = 2

// Round sets x, float32 of any shape, to the nearest numbers of bfloat16, ties to even, as torch's x.to(torch.bfloat16).float() does. What
// is beyond the largest of them, 3.39e38, by half a step or more becomes infinite. A NaN stays one.
func Round(x *kernels.Array) {
	if onGPU("bfloat.Round", x) {
		roundCUDA(x)
		return
	}
	v := kernels.Data[float32](x)
	kernels.Tiles(len(v), tile, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			v[i] = Float(Of(v[i]))
		}
	})
}

// Pack writes the nearest numbers to x, float32 [n], into y, bfloat16 [n] or, where they are sent elsewhere, uint8 [2 n].
func Pack(y, x *kernels.Array) {
	wantPacked("bfloat.Pack", y, x)
	if onGPU("bfloat.Pack", x) {
		packCUDA(y, x)
		return
	}
	to, from := packed(y), kernels.Data[float32](x)
	kernels.Tiles(len(from), tile, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			to[i] = Of(from[i])
		}
	})
}

// PackAll is Pack of each of xs into that of ys, bfloat16, on a GPU in one launch. A NaN's payload may differ from Pack's.
func PackAll(ys, xs []*kernels.Array) {
	if len(ys) != len(xs) {
		panic(fmt.Sprintf("bfloat.PackAll: %d arrays for %d", len(ys), len(xs)))
	}
	for i, x := range xs {
		wantPacked("bfloat.PackAll", ys[i], x)
	}
	switch {
	case len(xs) == 0:
	case onGPU("bfloat.PackAll", xs[0]):
		packAllCUDA(ys, xs)
	default:
		for i, x := range xs {
			Pack(ys[i], x)
		}
	}
}

// Unpack writes the numbers in y, bfloat16 [n] or uint8 [2 n], into x, float32 [n], exactly.
func Unpack(x, y *kernels.Array) {
	wantPacked("bfloat.Unpack", y, x)
	if onGPU("bfloat.Unpack", x) {
		unpackCUDA(x, y)
		return
	}
	to, from := kernels.Data[float32](x), packed(y)
	kernels.Tiles(len(to), tile, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			to[i] = Float(from[i])
		}
	})
}

// Of is the nearest number of bfloat16, as Round finds it.
func Of(v float32) kernels.Brain {
	b := math.Float32bits(v)
	if b&0x7fffffff > 0x7f800000 {
		return kernels.Brain(b>>16) | 0x40 // the rest of a NaN's payload may be lost
	}
	return kernels.Brain((b + 0x7fff + b>>16&1) >> 16)
}

// Float is the number, exactly.
func Float(v kernels.Brain) float32 { return math.Float32frombits(uint32(v) << 16) }

func onGPU(op string, x *kernels.Array) bool {
	if x.DType() != kernels.Float32 {
		panic(fmt.Sprintf("%s: %v is not float32", op, x))
	}
	return x.Device().CUDA()
}

func wantPacked(op string, y, x *kernels.Array) {
	if y.DType() != kernels.Uint8 && y.DType() != kernels.BFloat16 || y.Bytes() != Bytes*x.Len() || y.Device() != x.Device() {
		panic(fmt.Sprintf("%s: %v does not hold the numbers of %v", op, y, x))
	}
}

// packed are the numbers that y holds. Memory of arrays begins at multiples of 4.
func packed(y *kernels.Array) []kernels.Brain {
	if y.DType() == kernels.BFloat16 {
		return kernels.Data[kernels.Brain](y)
	}
	b := kernels.Data[uint8](y)
	return unsafe.Slice((*kernels.Brain)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/Bytes)
}

package update

import (
	"sync/atomic"
	"unsafe"

	"udml-gpu/kernels"
)

// isBad is the reference: NaN or infinite.
func isBad[T kernels.Float](v T) bool { return v-v != 0 }

func setSkip(skip *kernels.Array, bad bool) {
	out := kernels.Data[int32](skip)
	out[0] = 0
	if bad {
		out[0] = 1
	}
}

// anyBad says whether any element of any of xs is NaN or infinite.
func anyBad(xs []*kernels.Array) bool {
	for _, x := range xs {
		if x.DType() == kernels.Float64 {
			if anyBad64(kernels.Data[float64](x)) {
				return true
			}
		} else if anyBad32(kernels.Data[float32](x)) {
			return true
		}
	}
	return false
}

// anyBad32 adds one to the exponent of each element, sign removed: only the exponent of NaN and Inf overflows into
// the sign's place, where an or collects it.
func anyBad32(x []float32) bool {
	if len(x) <= tile { // most of a network's parameters: no closure for them
		return badTile32(x)
	}
	var found atomic.Bool
	kernels.Tiles(len(x), tile, func(lo, hi int) {
		if badTile32(x[lo:hi]) {
			found.Store(true)
		}
	})
	return found.Load()
}

func badTile32(x []float32) bool {
	var seen uint32
	for _, b := range unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(x))), len(x)) {
		seen |= b&0x7fffffff + 1<<23
	}
	return seen>>31 != 0
}

func anyBad64(x []float64) bool {
	var found atomic.Bool
	kernels.Tiles(len(x), tile, func(lo, hi int) {
		for _, v := range x[lo:hi] {
			if isBad(v) {
				found.Store(true)
			}
		}
	})
	return found.Load()
}

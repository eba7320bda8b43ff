package act

import (
	"unsafe"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
)

// relu is max(0, x), four at a time. The built-in max keeps NaN and needs no branch, which would be as random as the data.
func relu[T kernels.Float](y, x []T) {
	kernels.Tiles(len(x), tile, func(lo, hi int) {
		y, x := y[lo:hi], x[lo:hi]
		for ; len(x) >= 4 && len(y) >= 4; x, y = x[4:], y[4:] {
			y[0], y[1], y[2], y[3] = max(0, x[0]), max(0, x[1]), max(0, x[2]), max(0, x[3])
		}
		for i, v := range x {
			y[i] = max(0, v)
		}
	})
}

// reluBackwardLoop is the reference, and the path of float64.
func reluBackwardLoop[T kernels.Float](dx, dy, y []T) {
	for i, g := range dy {
		if y[i] <= 0 {
			g = 0
		}
		dx[i] = g
	}
}

// Mask is ReLUBackward in place, dx = dy, on slices of one length and in the calling goroutine: for use inside a tile.
func Mask[T kernels.Float](dy, y []T) {
	switch {
	case kernels.TypeOf[T]() != kernels.Float32:
		reluBackwardLoop(dy, dy, y)
	case vector.Available():
		vector.Mask(kernels.AsFloat32(dy), kernels.AsFloat32(y))
	default:
		maskBits(bits(kernels.AsFloat32(dy)), bits(kernels.AsFloat32(dy)), bits(kernels.AsFloat32(y)))
	}
}

func reluBackward32(dx, dy, y []float32) {
	inPlace := unsafe.SliceData(dx) == unsafe.SliceData(dy)
	kernels.Tiles(len(y), tile, func(lo, hi int) {
		if inPlace {
			Mask(dx[lo:hi], y[lo:hi])
		} else {
			maskBits(bits(dx[lo:hi]), bits(dy[lo:hi]), bits(y[lo:hi]))
		}
	})
}

// maskBits works on bit patterns: an output of ReLU is 0 or -0 unless it is positive or NaN, and choosing
// between integers compiles to a conditional move. Comparing floats, or moving them to integer registers, takes six times as long.
func maskBits(dx, dy, y []uint32) {
	dx, dy = dx[:len(y)], dy[:len(y)]
	for i, v := range y {
		g := dy[i]
		if v<<1 == 0 {
			g = 0
		}
		dx[i] = g
	}
}

// bits is x seen as integers.
func bits(x []float32) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

func reluBackward64(dx, dy, y []float64) {
	kernels.Tiles(len(y), tile, func(lo, hi int) { reluBackwardLoop(dx[lo:hi], dy[lo:hi], y[lo:hi]) })
}

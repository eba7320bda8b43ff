package act

import (
	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
)

// vectorised says that the type is float32, and that there are loops in C.
func vectorised[T kernels.Float]() bool {
	return vector.Available() && kernels.TypeOf[T]() == kernels.Float32
}

func relu6[T kernels.Float](y, x []T) {
	kernels.Tiles(len(x), tile, func(lo, hi int) {
		if vectorised[T]() {
			vector.ReLU6(kernels.AsFloat32(y[lo:hi]), kernels.AsFloat32(x[lo:hi]))
			return
		}
		for i := lo; i < hi; i++ {
			y[i] = min(6, max(0, x[i]))
		}
	})
}

func relu6Backward[T kernels.Float](dx, dy, y []T) {
	kernels.Tiles(len(y), tile, func(lo, hi int) {
		if vectorised[T]() {
			vector.ReLU6Backward(kernels.AsFloat32(dx[lo:hi]), kernels.AsFloat32(dy[lo:hi]), kernels.AsFloat32(y[lo:hi]))
			return
		}
		relu6BackwardLoop(dx[lo:hi], dy[lo:hi], y[lo:hi])
	})
}

// relu6BackwardLoop is the reference, and the path without C.
func relu6BackwardLoop[T kernels.Float](dx, dy, y []T) {
	for i, g := range dy {
		if y[i] <= 0 || y[i] >= 6 {
			g = 0
		}
		dx[i] = g
	}
}

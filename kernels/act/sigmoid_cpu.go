package act

import (
	"math"

	"udml-gpu/kernels"
)

// exp(-x) may overflow to Inf: the quotient is then the right 0.
func sigmoid[T kernels.Float](y, x []T) {
	kernels.Tiles(len(x), tile/8, func(lo, hi int) {
		y := y[lo:hi]
		for i, v := range x[lo:hi] {
			y[i] = T(1 / (1 + math.Exp(-float64(v))))
		}
	})
}

func sigmoidBackward[T kernels.Float](dx, dy, y []T) {
	kernels.Tiles(len(y), tile, func(lo, hi int) {
		dx, dy, y := dx[lo:hi], dy[lo:hi], y[lo:hi]
		dx, dy = dx[:len(y)], dy[:len(y)]
		for i, v := range y {
			dx[i] = dy[i] * v * (1 - v)
		}
	})
}

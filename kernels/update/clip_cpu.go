package update

import (
	"math"

	"udml-gpu/kernels"
)

func clip[T kernels.Float](norm *kernels.Array, gs []*kernels.Array, most float64) {
	length := math.Sqrt(allSquares[T](gs))
	factor := T(clipFactor(length, most))
	d := kernels.Data[T](norm)
	d[0], d[1] = T(length), factor
	if factor == 1 {
		return
	}
	for _, g := range gs {
		scale(kernels.Data[T](g), factor)
	}
}

func scale[T kernels.Float](x []T, factor T) {
	kernels.Tiles(len(x), tile, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			x[i] *= factor
		}
	})
}

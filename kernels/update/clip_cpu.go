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

// allSquares is the sum of the squares of all elements, in an order fixed by the shapes.
func allSquares[T kernels.Float](gs []*kernels.Array) float64 {
	sum := 0.0
	for _, g := range gs {
		sum += squares(kernels.Data[T](g))
	}
	return sum
}

// squares keeps one sum a tile and adds them in order.
func squares[T kernels.Float](x []T) float64 {
	part := kernels.BorrowHost[float64](kernels.TileCount(len(x), tile))
	defer kernels.ReturnHost(part)
	kernels.Tiles(len(x), tile, func(lo, hi int) {
		var a, b, c, d float64
		x := x[lo:hi]
		for ; len(x) >= 4; x = x[4:] {
			a += float64(x[0]) * float64(x[0])
			b += float64(x[1]) * float64(x[1])
			c += float64(x[2]) * float64(x[2])
			d += float64(x[3]) * float64(x[3])
		}
		for _, v := range x {
			a += float64(v) * float64(v)
		}
		part[lo/tile] = (a + b) + (c + d)
	})
	sum := 0.0
	for _, v := range part {
		sum += v
	}
	return sum
}

func scale[T kernels.Float](x []T, factor T) {
	kernels.Tiles(len(x), tile, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			x[i] *= factor
		}
	})
}

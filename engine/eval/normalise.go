package eval

import (
	"math"

	"udml-gpu/kernels"
)

// rowTile is the number of rows that one core handles at a time.
const rowTile = 1024

// normalise is a copy of x [N,D] float32 with rows of length 1; rows of length below 1e-12 are only divided by that, as
// torch.nn.functional.normalize does. The caller frees it.
func normalise(x *kernels.Array) *kernels.Array {
	n, d := x.Dim(0), x.Dim(1)
	out := x.Device().New(kernels.Float32, n, d)
	from, to := kernels.Data[float32](x), kernels.Data[float32](out)
	kernels.Tiles(n, rowTile, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := from[i*d : (i+1)*d]
			f := 1 / max(math.Sqrt(dot(row, row)), 1e-12)
			for p, v := range row {
				to[i*d+p] = float32(float64(v) * f)
			}
		}
	})
	return out
}

func dot(x, y []float32) float64 {
	s := 0.0
	y = y[:len(x)]
	for i, v := range x {
		s += float64(v) * float64(y[i])
	}
	return s
}

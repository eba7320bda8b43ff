package cluster

import (
	"math"

	"udml-gpu/kernels"
)

// assignLoop is the definition.
func assignLoop[T kernels.Float](label []int32, dist, x, c []T, k, d int) {
	for i := range label {
		best, at := math.Inf(1), int32(-1)
		for j := range k {
			if v := squaredDistance(x[i*d:(i+1)*d], c[j*d:(j+1)*d]); v < best {
				best, at = v, int32(j)
			}
		}
		label[i], dist[i] = at, T(best)
	}
}

func squaredDistance[T kernels.Float](x, y []T) float64 {
	s := 0.0
	y = y[:len(x)]
	for i, v := range x {
		diff := float64(v - y[i])
		s += diff * diff
	}
	return s
}

func assignOnly(label, x, c *kernels.Array) {
	if x.DType() == kernels.Float64 {
		assignInto[float64](label, x, c)
		return
	}
	assignInto[float32](label, x, c)
}

// assignInto has the distances written to a work buffer.
func assignInto[T kernels.Float](label, x, c *kernels.Array) {
	dist := kernels.BorrowHost[T](x.Dim(0))
	Assign(label, kernels.Wrap(x.Device(), dist, len(dist)), x, c)
	kernels.ReturnHost(dist)
}

package norm

import (
	"math"

	"udml-gpu/kernels"
)

func l2[T kernels.Float](y, norm, x []T, d int, eps float64) {
	kernels.Tiles(len(norm), max(1, 4096/max(1, d)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row, out := x[i*d:(i+1)*d], y[i*d:(i+1)*d]
			length := math.Sqrt(dot(row, row))
			norm[i] = T(length)
			scale := 1 / atLeast(eps, length)
			for j, v := range row {
				out[j] = T(float64(v) * scale)
			}
		}
	})
}

// atLeast is max(length, eps); a NaN length stays.
func atLeast(eps, length float64) float64 {
	if length < eps {
		return eps
	}
	return length
}

func l2Backward[T kernels.Float](dx, dy, y, norm []T, d int, eps float64) {
	kernels.Tiles(len(norm), max(1, 4096/max(1, d)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			dx, dy, y := dx[i*d:(i+1)*d], dy[i*d:(i+1)*d], y[i*d:(i+1)*d]
			length, along := float64(norm[i]), 0.0
			if length > eps {
				along = dot(y, dy)
			}
			scale := 1 / atLeast(eps, length)
			for j, g := range dy {
				dx[j] = T((float64(g) - float64(y[j])*along) * scale)
			}
		}
	})
}

// dot sums in float64, in four chains.
func dot[T kernels.Float](a, b []T) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += float64(a[i]) * float64(b[i])
		s1 += float64(a[i+1]) * float64(b[i+1])
		s2 += float64(a[i+2]) * float64(b[i+2])
		s3 += float64(a[i+3]) * float64(b[i+3])
	}
	for ; i < len(a); i++ {
		s0 += float64(a[i]) * float64(b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

package act

import (
	"math"

	"udml-gpu/kernels"
)

// rows calls f for blocks of rows of k elements, about 2048 elements a block.
func rows(n, k int, f func(lo, hi int)) {
	if k > 0 {
		kernels.Tiles(n/k, max(1, 2048/k), f)
	}
}

func softmax[T kernels.Float](y, x []T, k int) {
	rows(len(x), k, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			softmaxRow(y[i*k:(i+1)*k], x[i*k:(i+1)*k])
		}
	})
}

func softmaxRow[T kernels.Float](y, x []T) {
	y = y[:len(x)]
	m, sum := float64(largest(x)), 0.0
	for _, v := range x {
		sum += math.Exp(float64(v) - m)
	}
	for i, v := range x {
		y[i] = T(math.Exp(float64(v)-m) / sum)
	}
}

// largest is the largest element that is not NaN, or -Inf.
func largest[T kernels.Float](x []T) T {
	m := T(math.Inf(-1))
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	return m
}

func softmaxBackward[T kernels.Float](dx, dy, y []T, k int) {
	rows(len(y), k, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			dx, dy, y := dx[i*k:(i+1)*k], dy[i*k:(i+1)*k], y[i*k:(i+1)*k]
			dot := 0.0
			for j, v := range y {
				dot += float64(v) * float64(dy[j])
			}
			for j, v := range y {
				dx[j] = T(float64(v) * (float64(dy[j]) - dot))
			}
		}
	})
}

func logSumExp[T kernels.Float](y, x []T, k int) {
	if k == 0 {
		for i := range y {
			y[i] = T(math.Inf(-1))
		}
		return
	}
	rows(len(x), k, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			y[i] = T(logSumExpRow(x[i*k : (i+1)*k]))
		}
	})
}

// logSumExpRow subtracts the largest element, unless that is infinite: Inf - Inf would be NaN.
func logSumExpRow[T kernels.Float](x []T) float64 {
	m := float64(largest(x))
	if math.IsInf(m, 0) {
		m = 0
	}
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(float64(v) - m)
	}
	return m + math.Log(sum)
}

func logSumExpBackward[T kernels.Float](dx, dy, x, y []T, k int) {
	rows(len(x), k, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			dx, x := dx[i*k:(i+1)*k], x[i*k:(i+1)*k]
			g, lse := float64(dy[i]), float64(y[i])
			for j, v := range x {
				dx[j] = T(g * math.Exp(float64(v)-lse))
			}
		}
	})
}

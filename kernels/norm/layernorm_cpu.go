package norm

import (
	"math"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
)

// layerNormLoop is the reference, row by row in float64.
func layerNormLoop(y, mean, inv, x, gamma, beta []float64, eps float64) {
	c := len(gamma)
	for i := range mean {
		row, sum, squares := x[i*c:(i+1)*c], 0.0, 0.0
		for _, v := range row {
			sum += v
		}
		mean[i] = sum / float64(c)
		for _, v := range row {
			squares += (v - mean[i]) * (v - mean[i])
		}
		inv[i] = 1 / math.Sqrt(squares/float64(c)+eps)
		for j, v := range row {
			y[i*c+j] = (v-mean[i])*inv[i]*gamma[j] + beta[j]
		}
	}
}

// layerTile is about how many elements a core takes at a time: whole rows that its second cache holds.
const layerTile = 1 << 14

func layerNorm[T kernels.Float](y, mean, inv, x, gamma, beta []T, eps float64) {
	c := len(gamma)
	kernels.Tiles(len(mean), max(1, layerTile/c), func(lo, hi int) {
		y, x, mean, inv := y[lo*c:hi*c], x[lo*c:hi*c], mean[lo:hi], inv[lo:hi]
		layerMoments(mean, inv, x)
		for i, variance := range inv {
			inv[i] = T(1 / math.Sqrt(float64(variance)+eps))
		}
		layerAffine(y, x, gamma, beta, mean, inv)
	})
}

// layerNormBackward sums up rows in chunks before the chunk's dx overwrites dy. The chunks' sums are joined in order.
func layerNormBackward[T kernels.Float](dx, dgamma, dbeta, dy, x, gamma, mean, inv *kernels.Array) {
	c, rows := gamma.Len(), mean.Len()
	sums := kernels.BorrowHost[T](2 * c * kernels.TileCount(rows, layerRows))
	defer kernels.ReturnHost(sums)
	wanted := dgamma != nil || dbeta != nil
	xs, dys, means, invs := kernels.Data[T](x), kernels.Data[T](dy), kernels.Data[T](mean), kernels.Data[T](inv)
	kernels.Tiles(rows, layerRows, func(lo, hi int) {
		dy, x, mean, inv := dys[lo*c:hi*c], xs[lo*c:hi*c], means[lo:hi], invs[lo:hi]
		if wanted {
			part := sums[lo/layerRows*2*c:][:2*c]
			clear(part)
			layerSums(part[:c], part[c:], dy, x, mean, inv)
		}
		if dx != nil {
			layerInput(kernels.Data[T](dx)[lo*c:hi*c], dy, x, kernels.Data[T](gamma), mean, inv)
		}
	})
	joinSums(dgamma, sums, c, 0)
	joinSums(dbeta, sums, c, c)
}

// layerRows is how many rows are summed up in the arrays' own precision.
const layerRows = 64

// joinSums adds up the chunks' sums of one gradient, each of which begins at `at` among a chunk's 2c numbers, in float64.
func joinSums[T kernels.Float](to *kernels.Array, sums []T, c, at int) {
	if to == nil {
		return
	}
	for j, out := 0, kernels.Data[T](to); j < c; j++ {
		sum := 0.0
		for i := at + j; i < len(sums); i += 2 * c {
			sum += float64(sums[i])
		}
		out[j] = T(sum)
	}
}

// The loops over rows, each by the C compiler's vectors where the build has them, else by the Go loop of layernorm_rows_cpu.go.

func layerMoments[T kernels.Float](mean, variance, x []T) {
	if vectorised[T]() {
		vector.LayerMoments(f32(mean), f32(variance), f32(x))
		return
	}
	layerMomentsRows(mean, variance, x)
}

func layerAffine[T kernels.Float](y, x, gamma, beta, mean, inv []T) {
	if vectorised[T]() {
		vector.LayerAffine(f32(y), f32(x), f32(gamma), f32(beta), f32(mean), f32(inv))
		return
	}
	layerAffineRows(y, x, gamma, beta, mean, inv)
}

func layerSums[T kernels.Float](dgamma, dbeta, dy, x, mean, inv []T) {
	if vectorised[T]() {
		vector.LayerSums(f32(dgamma), f32(dbeta), f32(dy), f32(x), f32(mean), f32(inv))
		return
	}
	layerSumsRows(dgamma, dbeta, dy, x, mean, inv)
}

func layerInput[T kernels.Float](dx, dy, x, gamma, mean, inv []T) {
	if vectorised[T]() {
		vector.LayerInput(f32(dx), f32(dy), f32(x), f32(gamma), f32(mean), f32(inv))
		return
	}
	layerInputRows(dx, dy, x, gamma, mean, inv)
}

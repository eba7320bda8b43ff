package norm

import (
	"math"

	"udml-gpu/kernels"
)

// scaleLoop is the reference.
func scaleLoop(y, x, gamma, residual []float64) {
	for i, v := range x {
		y[i] = v * gamma[i%len(gamma)]
		if residual != nil {
			y[i] += residual[i]
		}
	}
}

// scale uses the loops of batch norm, which are y = (x - 0) gamma + 0 and y = 1 residual + (gamma x + 0).
func scale[T kernels.Float](y, x, gamma, residual *kernels.Array) {
	c := gamma.Len()
	coef := scaleCoefficients(kernels.Data[T](gamma))
	defer kernels.ReturnHost(coef)
	ys, xs := kernels.Data[T](y), kernels.Data[T](x)
	kernels.Tiles(len(xs)/c, max(1, layerTile/c), func(lo, hi int) {
		if residual != nil {
			combineRows(ys[lo*c:hi*c], kernels.Data[T](residual)[lo*c:hi*c], xs[lo*c:hi*c], coef)
		} else {
			affineRows(ys[lo*c:hi*c], xs[lo*c:hi*c], coef[2*c:], coef[c:2*c], coef[2*c:], T(math.Inf(-1)))
		}
	})
}

// scaleCoefficients is ones, gamma and zeros, borrowed.
func scaleCoefficients[T kernels.Float](gamma []T) []T {
	c := len(gamma)
	coef := kernels.BorrowHost[T](3 * c)
	for j := range c {
		coef[j], coef[c+j], coef[2*c+j] = 1, gamma[j], 0
	}
	return coef
}

// scaleBackward sums up rows in chunks before the chunk's dx overwrites dy. The chunks' sums are joined in order.
func scaleBackward[T kernels.Float](dx, dgamma, dy, x, gamma *kernels.Array) {
	c := gamma.Len()
	rows := x.Len() / c
	coef := scaleCoefficients(kernels.Data[T](gamma))
	defer kernels.ReturnHost(coef)
	sums := kernels.BorrowHost[T](2 * c * kernels.TileCount(rows, layerRows))
	defer kernels.ReturnHost(sums)
	zeros, xs, dys := coef[2*c:], kernels.Data[T](x), kernels.Data[T](dy)
	kernels.Tiles(rows, layerRows, func(lo, hi int) {
		dy := dys[lo*c : hi*c]
		if dgamma != nil {
			part := sums[lo/layerRows*2*c:][:2*c]
			clear(part)
			addGradients(part[:c], part[c:], dy, xs[lo*c:hi*c], zeros)
		}
		if dx != nil {
			affineRows(kernels.Data[T](dx)[lo*c:hi*c], dy, zeros, coef[c:2*c], zeros, T(math.Inf(-1)))
		}
	})
	joinSums(dgamma, sums, c, c)
}

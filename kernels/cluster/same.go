package cluster

import "udml-gpu/kernels"

// sameWidth is the least number of columns that sameFactor reckons with: a row of few columns comes from layers of more.
const sameWidth = 64

// sameFactor is the squared distance from a row of d columns, over the row's squared length, up to which two rows count as the same:
// (max(d, 64) eps)^2, eps 2^-23 or 2^-52.
//
// A column is a sum of about as many products as a row has columns, and a sum of d products, taken in another order, may differ by
// d eps of its terms. It is the bound below which numpy.linalg.matrix_rank takes a singular value for 0. Measured, the same
// image differed by up to 6 eps of its length from network to network, where BLAS's order depends on the place in a batch.
func sameFactor(t kernels.DType, d int) float64 {
	eps := 0x1p-23
	if t == kernels.Float64 {
		eps = 0x1p-52
	}
	eps *= float64(max(d, sameWidth))
	return eps * eps
}

// sameOf is same[i] = sameFactor |x_i|^2.
func sameOf[T kernels.Float](same, x []T, d int) {
	factor := sameFactor(kernels.TypeOf[T](), d)
	kernels.Tiles(len(same), rowTile, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			same[i] = T(factor * sumOfSquares(x[i*d:(i+1)*d]))
		}
	})
}

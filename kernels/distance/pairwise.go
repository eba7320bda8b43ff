package distance

import "udml-gpu/kernels"

// Pairwise is dst[i,j] = m(x[i], y[j]) for x [N,D], y [M,D], dst [N,M], all float32 or all float64:
//
//	for i, j: SquaredL2 sum_d (x[i,d]-y[j,d])^2; InnerProduct sum_d x[i,d] y[j,d]; Cosine the same over both lengths
//
// It runs as one GEMM. SquaredL2 is |x|^2 + |y|^2 - 2 x.y, which cancels for rows that lie close together: entries
// below 2^-10 (|x|^2 + |y|^2), and those that are not numbers, are computed again by differences. So equal rows give
// exactly 0 and nothing is negative.
//
// Bounds, with u the unit roundoff (2^-24 or 2^-53), to first order in u: the error of InnerProduct is at most
// D u |x| |y|, of Cosine (D+6) u, of SquaredL2 (D+4) u (|x|^2 + |y|^2), and never more than 2^10 (D+4) u (4 u for
// the recomputed ones) relative to the distance. They hold while |x|^2 and |y|^2 do not overflow. NaN and infinities in a
// row make that row's entries NaN or infinite, and no others.
//
// A GPU multiplies on tensor cores, each row in two halves of half precision with a scale of its own. There D+16 stands
// for D in the bounds, since the halves leave out up to 8 u of a product for any D; from D = 8 on errors are in fact
// smaller than those of float32 products. Cosine then has its bound for all finite rows. With precision TF32 or BF16
// each factor is rounded once, by at most 2^-11 or 2^-8 of itself, or for TF32 by 2^-38 of its row's largest element.
func Pairwise(dst, x, y *kernels.Array, m Metric) {
	const op = "distance.Pairwise"
	wantRows(op, x, y, m)
	kernels.WantShape(op, "dst", dst, x.Dim(0), y.Dim(0))
	kernels.WantType(op, "dst", dst, x.DType())
	switch kernels.PathOf(op, dst, x, y) {
	case kernels.OnGPU:
		pairwiseCUDA(dst, x, y, m)
	case kernels.InFloat64:
		pairwise[float64](dst, x, y, m)
	case kernels.InFloat32:
		pairwise[float32](dst, x, y, m)
	}
}

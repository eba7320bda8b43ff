package norm

import "udml-gpu/kernels"

func batchMoments[T kernels.Float](m, x *kernels.Array) {
	chunksOf[T](x, nil).moments(kernels.Data[float64](m), kernels.Data[T](x))
}

func joinMoments[T kernels.Float](s Stats, m []float64, rows []int, eps float64) {
	mean, inv := kernels.Data[T](s.Mean), kernels.Data[T](s.InvStd)
	for c := range mean {
		all := union{}
		for i, n := range rows {
			at := 2*len(mean)*i + c
			all.add(float64(n), m[at], m[at+len(mean)])
		}
		mean[c], inv[c] = T(all.mean), T(inverseDeviation(all.squares, max(1, all.rows), eps))
	}
}

// union is the number of rows so far, their mean, and the sum of their squared deviations from it.
type union struct{ rows, mean, squares float64 }

// add takes in more rows by Chan's rule. The first are taken as they are: d^2 0 is NaN where d^2 overflows.
func (u *union) add(rows, mean, squares float64) {
	switch {
	case rows == 0:
	case u.rows == 0:
		*u = union{rows, mean, squares}
	default:
		n := u.rows + rows
		d, part := mean-u.mean, rows/n
		u.mean += d * part
		u.squares += squares + d*d*(u.rows*part)
		u.rows = n
	}
}

func batchNormInput[T kernels.Float](dx, dy, x, gamma *kernels.Array, s Stats, total *kernels.Array, rows int) {
	k := chunksOf[T](x, nil)
	k.total = float64(max(1, rows))
	k.inputGradient(dx, dy, x, gamma, s, kernels.Data[float64](total))
}

package norm

import "udml-gpu/kernels"

func batchMoments[T kernels.Float](m, x, weight *kernels.Array) {
	chunksOf[T](x, weight).moments(kernels.Data[float64](m), kernels.Data[T](x))
}

func joinMoments[T kernels.Float](s Stats, m []float64, rows []int, weight *kernels.Array, per int, eps float64) {
	mean, inv := kernels.Data[T](s.Mean), kernels.Data[T](s.InvStd)
	counts := make([]float64, len(rows))
	image := 0
	for i, n := range rows {
		if counts[i] = float64(n); weight != nil {
			counts[i] = float64(per) * sum(kernels.Data[T](weight)[image:image+n/per])
			image += n / per
		}
	}
	for c := range mean {
		all := union{}
		for i, n := range counts {
			at := 2*len(mean)*i + c
			all.add(n, m[at], m[at+len(mean)])
		}
		if all.rows == 0 {
			all.rows = 1 // nothing counts: mean and variance are 0
		}
		mean[c], inv[c] = T(all.mean), T(inverseDeviation(all.squares, all.rows, eps))
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

func batchNormInput[T kernels.Float](dx, dy, x, gamma, weight *kernels.Array, s Stats, total, all *kernels.Array, rows int) {
	k := chunksOf[T](x, weight)
	if k.total = float64(rows); all != nil {
		k.total = float64(imageRows(rows, all)) * sum(kernels.Data[T](all))
	}
	if k.total == 0 {
		k.total = 1
	}
	k.inputGradient(dx, dy, x, gamma, s, kernels.Data[float64](total))
}

package norm

import "udml-gpu/kernels"

// The loops over rows in Go: the path of float64, and of float32 where the build is without C. They have the bits of the loops in
// C; each product is rounded (by its conversion) before it is added.

// lanes are the parts of a sum over a row: feature j goes to part j % 16.
type lanes[T kernels.Float] [16]T

// total is the sum of the parts, in order.
func (l *lanes[T]) total() float64 {
	sum := 0.0
	for _, v := range l {
		sum += float64(v)
	}
	return sum
}

// layerMomentsRows sums up twice: squares are about the mean, which is corrected by what the deviations from its first value leave.
func layerMomentsRows[T kernels.Float](mean, variance, x []T) {
	c := len(x) / len(mean)
	for i := range mean {
		row, n := x[i*c:(i+1)*c], float64(c)
		var sum lanes[T]
		for j, v := range row {
			sum[j%len(sum)] += v
		}
		near := T(sum.total() / n)
		off, squares := deviations(row, near)
		mean[i], variance[i] = T(float64(near)+off/n), T(max(0, (squares-float64(off*off)/n)/n))
	}
}

func layerAffineRows[T kernels.Float](y, x, gamma, beta, mean, inv []T) {
	c := len(gamma)
	for i, m := range mean {
		y, x, scale := y[i*c:(i+1)*c], x[i*c:(i+1)*c], inv[i]
		for j, v := range x {
			y[j] = T((v-m)*scale*gamma[j]) + beta[j]
		}
	}
}

// deviations are the sums of x - mean and of its square.
func deviations[T kernels.Float](x []T, mean T) (sum, squares float64) {
	var s1, s2 lanes[T]
	for j, v := range x {
		d := v - mean
		s1[j%len(s1)] += d
		s2[j%len(s2)] += T(d * d)
	}
	return s1.total(), s2.total()
}

func layerInputRows[T kernels.Float](dx, dy, x, gamma, mean, inv []T) {
	c := len(gamma)
	for i, m := range mean {
		dx, dy, x, scale := dx[i*c:(i+1)*c], dy[i*c:(i+1)*c], x[i*c:(i+1)*c], inv[i]
		var s1, s2 lanes[T]
		for j, v := range x {
			g := dy[j] * gamma[j]
			s1[j%len(s1)] += g
			s2[j%len(s2)] += T(g * T((v-m)*scale))
		}
		a, b := T(s1.total()/float64(c)), T(s2.total()/float64(c))
		for j, v := range x {
			dx[j] = (T(T(dy[j]*gamma[j])-a) - T((v-m)*scale*b)) * scale
		}
	}
}

func layerSumsRows[T kernels.Float](dgamma, dbeta, dy, x, mean, inv []T) {
	c := len(dgamma)
	for i, m := range mean {
		dy, x, scale := dy[i*c:(i+1)*c], x[i*c:(i+1)*c], inv[i]
		for j, g := range dy {
			dbeta[j] += g
			dgamma[j] += T(g * T((x[j]-m)*scale))
		}
	}
}

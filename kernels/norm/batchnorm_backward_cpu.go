package norm

import (
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/act"
)

func batchNormBackward[T kernels.Float](dx, dgamma, dbeta, dy, x, gamma, beta, weight *kernels.Array, s Stats) {
	k := chunksOf[T](x, weight)
	sums := kernels.BorrowHost[float64](2 * k.c)
	defer kernels.ReturnHost(sums)
	k.parameterGradients(sums, dy, x, gamma, beta, s)
	storeGradients[T](dgamma, dbeta, sums)
	if dx != nil {
		k.inputGradient(dx, dy, x, gamma, s, sums)
	}
}

// storeGradients splits sums [2,C] into those gradients that are wanted.
func storeGradients[T kernels.Float](dgamma, dbeta *kernels.Array, sums []float64) {
	c := len(sums) / 2
	store[T](dbeta, sums[:c])
	store[T](dgamma, sums[c:])
}

func store[T kernels.Float](a *kernels.Array, v []float64) {
	if a == nil {
		return
	}
	d := kernels.Data[T](a)
	for i := range d {
		d[i] = T(v[i])
	}
}

// parameterGradients leaves sum_r dy_r and sum_r dy_r xhat_r in sums, dy gated where beta is given.
func (k chunks[T]) parameterGradients(sums []float64, dy, x, gamma, beta *kernels.Array, s Stats) {
	inv := kernels.Data[T](s.InvStd)
	var gate gate[T]
	if beta != nil {
		gate.beta, gate.scale = kernels.Data[T](beta), scaleOf(kernels.Data[T](gamma), inv)
		defer kernels.ReturnHost(gate.scale)
	}
	k.gradientSums(sums, kernels.Data[T](dy), kernels.Data[T](x), kernels.Data[T](s.Mean), gate)
	for c, i := range inv {
		sums[k.c+c] *= float64(i)
	}
}

// gate holds the numbers that show where ReLU let x through; with beta nil there is no ReLU.
type gate[T kernels.Float] struct{ scale, beta []T }

// gradientSums leaves sum_r dy_r and sum_r dy_r (x_r - mean) in sums. First it sets dy to 0 where the gate is closed.
func (k chunks[T]) gradientSums(sums []float64, dy, x, mean []T, g gate[T]) {
	part := kernels.BorrowHost[T](2 * k.c * k.count)
	defer kernels.ReturnHost(part)
	k.each(func(i, lo, hi int, _ float64) {
		p := part[2*k.c*i : 2*k.c*(i+1)]
		clear(p)
		dy, x := dy[lo*k.c:hi*k.c], x[lo*k.c:hi*k.c]
		if g.beta != nil {
			gateRows(dy, x, mean, g.scale, g.beta)
		}
		addGradients(p[:k.c], p[k.c:], dy, x, mean)
	})
	clear(sums)
	for i := range k.count {
		for j, v := range part[2*k.c*i : 2*k.c*(i+1)] {
			sums[j] += float64(v)
		}
	}
}

func gateRow[T kernels.Float](dy, x, mean, scale, beta []T) {
	n := len(mean)
	dy, x, scale, beta = dy[:n], x[:n], scale[:n], beta[:n]
	for j, m := range mean {
		if (x[j]-m)*scale[j]+beta[j] <= 0 {
			dy[j] = 0
		}
	}
}

func addGradients1[T kernels.Float](s1, s2, dy, x, mean []T) {
	n := len(mean)
	s1, s2, dy, x = s1[:n], s2[:n], dy[:n], x[:n]
	for j, m := range mean {
		s1[j] += dy[j]
		s2[j] += dy[j] * (x[j] - m)
	}
}

// addGradients2 takes two rows at once: more would not fit the registers.
func addGradients2[T kernels.Float](s1, s2, dy, x, mean []T) {
	n := len(mean)
	s1, s2 = s1[:n], s2[:n]
	x0, x1, g0, g1 := x[:n], x[n:2*n], dy[:n], dy[n:2*n]
	x1, g1 = x1[:n], g1[:n]
	for j, m := range mean {
		a, b := g0[j], g1[j]
		s1[j] += a + b
		s2[j] += a*(x0[j]-m) + b*(x1[j]-m)
	}
}

// inputGradient is dx = a dy + w (b x + k), the formula of BatchNormBackward sorted by dy and x, so that a row costs two
// products an element. sums are dbeta and dgamma.
func (k chunks[T]) inputGradient(dx, dy, x, gamma *kernels.Array, s Stats, sums []float64) {
	to, from, rows := kernels.Data[T](dx), kernels.Data[T](dy), kernels.Data[T](x)
	coef := k.inputCoefficients(kernels.Data[T](gamma), kernels.Data[T](s.Mean), kernels.Data[T](s.InvStd), sums)
	defer kernels.ReturnHost(coef)
	k.each(func(_, lo, hi int, w float64) {
		own := kernels.BorrowHost[T](3 * k.c)
		weighted(own, coef, w)
		combineRows(to[lo*k.c:hi*k.c], from[lo*k.c:hi*k.c], rows[lo*k.c:hi*k.c], own)
		kernels.ReturnHost(own)
	})
}

// inputCoefficients is a, b and k, borrowed.
func (k chunks[T]) inputCoefficients(gamma, mean, inv []T, sums []float64) []float64 {
	coef := kernels.BorrowHost[float64](3 * k.c)
	a, b, o := coef[:k.c], coef[k.c:2*k.c], coef[2*k.c:]
	db, dg := sums[:k.c], sums[k.c:]
	for c := range a {
		a[c] = float64(gamma[c]) * float64(inv[c])
		b[c] = -a[c] / k.total * float64(inv[c]) * dg[c]
		o[c] = -a[c]/k.total*db[c] - b[c]*float64(mean[c])
	}
	return coef
}

// weighted is the coefficients for an image of weight w. A weight of 0 leaves the statistics out, even NaN ones.
func weighted[T kernels.Float](own []T, coef []float64, w float64) {
	c := len(coef) / 3
	for j, v := range coef {
		switch {
		case j < c:
			own[j] = T(v)
		case w == 0:
			own[j] = 0
		default:
			own[j] = T(w * v)
		}
	}
}

func combineRow[T kernels.Float](dx, dy, x, coef []T) {
	n := len(x)
	a, b, o := coef[:n], coef[n:2*n], coef[2*n:3*n]
	dx, dy, b, o = dx[:n], dy[:n], b[:n], o[:n]
	for j, v := range x {
		dx[j] = a[j]*dy[j] + (b[j]*v + o[j])
	}
}

func batchNormRunning[T kernels.Float](runMean, runVar *kernels.Array, s Stats, weight *kernels.Array, rows int, eps, momentum float64) {
	n := float64(rows)
	if weight != nil {
		w := kernels.Data[T](weight)
		n = float64(rows/max(1, len(w))) * sum(w)
	}
	if n == 0 {
		return
	}
	mean, inv := kernels.Data[T](s.Mean), kernels.Data[T](s.InvStd)
	rm, rv := kernels.Data[T](runMean), kernels.Data[T](runVar)
	for c, i := range inv {
		v := max(0, 1/(float64(i)*float64(i))-eps)
		if n > 1 {
			v *= n / (n - 1)
		}
		rm[c] = T((1-momentum)*float64(rm[c]) + momentum*float64(mean[c]))
		rv[c] = T((1-momentum)*float64(rv[c]) + momentum*v)
	}
}

// batchNormEvalBackwardLoop is the reference.
func batchNormEvalBackwardLoop(dx, dy, y, gamma, runVar []float64, eps float64) {
	for i, g := range dy {
		c := i % len(gamma)
		dx[i] = g * gamma[c] / math.Sqrt(runVar[c]+eps)
		if y != nil && y[i] == 0 {
			dx[i] = 0
		}
	}
}

// batchNormEvalBackward uses batch norm's loop over rows, which is dx = (dy - 0) scale + 0, and ReLU's on each tile while it is near.
func batchNormEvalBackward[T kernels.Float](dx, dy, y, gamma, runVar *kernels.Array, eps float64) {
	scale := scaleOfVariance(kernels.Data[T](gamma), kernels.Data[T](runVar), eps)
	defer kernels.ReturnHost(scale)
	c := len(scale)
	zeros := kernels.BorrowHost[T](c)
	defer kernels.ReturnHost(zeros)
	clear(zeros)
	to, from := kernels.Data[T](dx), kernels.Data[T](dy)
	kernels.Tiles(len(to)/c, max(4, (1<<14)/c), func(lo, hi int) {
		affineRows(to[lo*c:hi*c], from[lo*c:hi*c], zeros, scale, zeros, T(math.Inf(-1)))
		if y != nil {
			act.Mask(to[lo*c:hi*c], kernels.Data[T](y)[lo*c:hi*c])
		}
	})
}

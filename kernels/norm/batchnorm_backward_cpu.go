package norm

import "udml-gpu/kernels"

func batchNormBackward[T kernels.Float](dx, dgamma, dbeta, dy, x, gamma, beta, weight *kernels.Array, s Stats) {
	k := chunksOf[T](x, weight)
	mean, inv := kernels.Data[T](s.Mean), kernels.Data[T](s.InvStd)
	sums := kernels.BorrowHost[float64](2 * k.c)
	defer kernels.ReturnHost(sums)
	var gate gate[T]
	if beta != nil {
		gate.beta, gate.scale = kernels.Data[T](beta), scaleOf(kernels.Data[T](gamma), inv)
		defer kernels.ReturnHost(gate.scale)
	}
	k.gradientSums(sums, kernels.Data[T](dy), kernels.Data[T](x), mean, gate)
	db, dg := sums[:k.c], sums[k.c:]
	for c := range dg {
		dg[c] *= float64(inv[c])
	}
	store[T](dbeta, db)
	store[T](dgamma, dg)
	if dx != nil {
		k.inputGradient(kernels.Data[T](dx), kernels.Data[T](dy), kernels.Data[T](x), kernels.Data[T](gamma), mean, inv, db, dg)
	}
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
// products an element.
func (k chunks[T]) inputGradient(dx, dy, x, gamma, mean, inv []T, db, dg []float64) {
	coef := kernels.BorrowHost[float64](3 * k.c)
	defer kernels.ReturnHost(coef)
	a, b, o := coef[:k.c], coef[k.c:2*k.c], coef[2*k.c:]
	for c := range a {
		a[c] = float64(gamma[c]) * float64(inv[c])
		b[c] = -a[c] / k.total * float64(inv[c]) * dg[c]
		o[c] = -a[c]/k.total*db[c] - b[c]*float64(mean[c])
	}
	k.each(func(_, lo, hi int, w float64) {
		own := kernels.BorrowHost[T](3 * k.c)
		weighted(own, coef, w)
		combineRows(dx[lo*k.c:hi*k.c], dy[lo*k.c:hi*k.c], x[lo*k.c:hi*k.c], own)
		kernels.ReturnHost(own)
	})
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

package norm

import (
	"math"

	"udml-gpu/kernels"
)

func batchNorm[T kernels.Float](y, x, gamma, beta, weight *kernels.Array, s Stats, eps float64, relu bool) {
	k := chunksOf[T](x, weight)
	mean, inv := kernels.Data[T](s.Mean), kernels.Data[T](s.InvStd)
	statistics(k, kernels.Data[T](x), mean, inv, eps)
	batchNormApply[T](y, x, gamma, beta, s, relu)
}

func batchNormApply[T kernels.Float](y, x, gamma, beta *kernels.Array, s Stats, relu bool) {
	scale := scaleOf(kernels.Data[T](gamma), kernels.Data[T](s.InvStd))
	defer kernels.ReturnHost(scale)
	affine(kernels.Data[T](y), kernels.Data[T](x), kernels.Data[T](s.Mean), scale, kernels.Data[T](beta), relu)
}

// scaleOf is gamma inv, borrowed.
func scaleOf[T kernels.Float](gamma, inv []T) []T {
	scale := kernels.BorrowHost[T](len(gamma))
	for c, g := range gamma {
		scale[c] = g * inv[c]
	}
	return scale
}

func batchNormEval[T kernels.Float](y, x, gamma, beta, runMean, runVar *kernels.Array, eps float64, relu bool) {
	scale := scaleOfVariance(kernels.Data[T](gamma), kernels.Data[T](runVar), eps)
	defer kernels.ReturnHost(scale)
	affine(kernels.Data[T](y), kernels.Data[T](x), kernels.Data[T](runMean), scale, kernels.Data[T](beta), relu)
}

// scaleOfVariance is gamma / sqrt(variance + eps), borrowed.
func scaleOfVariance[T kernels.Float](gamma, variance []T, eps float64) []T {
	scale := kernels.BorrowHost[T](len(gamma))
	for c, g := range gamma {
		scale[c] = T(float64(g) / math.Sqrt(float64(variance[c])+eps))
	}
	return scale
}

// statistics fills mean and 1/sqrt(var+eps).
func statistics[T kernels.Float](k chunks[T], x, mean, inv []T, eps float64) {
	m := kernels.BorrowHost[float64](2 * k.c)
	defer kernels.ReturnHost(m)
	k.moments(m, x)
	for c, squares := range m[k.c:] {
		mean[c], inv[c] = T(m[c]), T(inverseDeviation(squares, k.total, eps))
	}
}

// inverseDeviation is 1/sqrt(variance + eps), from the sum of the squared deviations of rows of that total weight.
func inverseDeviation(squares, total, eps float64) float64 { return 1 / math.Sqrt(squares/total+eps) }

// moments leaves the mean and the sum of squared deviations of all rows in m [2,C]. Each chunk leaves its own; Chan's rule
// joins them in order of the chunks, in float64, all channels of a few at a time.
func (k chunks[T]) moments(m []float64, x []T) {
	part := kernels.BorrowHost[float64](2 * k.c * k.count)
	defer kernels.ReturnHost(part)
	k.each(func(i, lo, hi int, w float64) {
		if w != 0 {
			chunkMoments(part[2*k.c*i:2*k.c*(i+1)], x[lo*k.c:hi*k.c], k.c)
		}
	})
	kernels.Tiles(k.c, 32, func(lo, hi int) { k.join(m, part, lo, hi) })
}

// chunkMoments leaves mean[c] and sum (x-mean)^2 [c] of a chunk of rows in part. Sums are shifted by the first row: where
// that lies d deviations off the mean, d^2 digits' worth of squares cancel, but then that row alone makes the variance as large.
func chunkMoments[T kernels.Float](part []float64, x []T, c int) {
	sums := kernels.BorrowHost[T](2 * c)
	clear(sums)
	origin := x[:c]
	s1, s2 := sums[:c], sums[c:]
	sumMoments(s1, s2, origin, x)
	n := float64(len(x) / c)
	for j := range origin {
		d := float64(s1[j]) / n
		part[j] = float64(origin[j]) + d
		part[c+j] = max(0, float64(s2[j])-n*d*d)
	}
	kernels.ReturnHost(sums)
}

func addMoments[T kernels.Float](s1, s2, origin, x []T) {
	n := len(origin)
	s1, s2, x = s1[:n], s2[:n], x[:n]
	for j, o := range origin {
		d := x[j] - o
		s1[j] += d
		s2[j] += d * d
	}
}

// addMoments4 takes four rows at once: a quarter of the traffic to the sums, and pairwise rounding.
func addMoments4[T kernels.Float](s1, s2, origin, x []T) {
	n := len(origin)
	x0, x1, x2, x3 := x[:n], x[n:2*n], x[2*n:3*n], x[3*n:4*n]
	s1, s2 = s1[:n], s2[:n]
	x1, x2, x3 = x1[:n], x2[:n], x3[:n]
	for j, o := range origin {
		a, b, c, d := x0[j]-o, x1[j]-o, x2[j]-o, x3[j]-o
		s1[j] += (a + b) + (c + d)
		s2[j] += (a*a + b*b) + (c*c + d*d)
	}
}

// join adds up the chunks' moments for channels [lo, hi): first the mean, then the squares about it.
func (k chunks[T]) join(all, part []float64, lo, hi int) {
	for c := lo; c < hi; c++ {
		m, v := 0.0, 0.0
		for i := range k.count {
			if w := k.at(i / k.parts); w != 0 {
				m += w * float64(k.rows(i)) * part[2*k.c*i+c]
			}
		}
		m /= k.total
		for i := range k.count {
			if w := k.at(i / k.parts); w != 0 {
				n, d := float64(k.rows(i)), part[2*k.c*i+c]-m
				v += w * (part[2*k.c*i+k.c+c] + n*d*d)
			}
		}
		all[c], all[k.c+c] = m, v
	}
}

// affine is y = (x - mean) scale + beta for each row, and max(0, y) where relu is set. Folded to a x + b it would lose
// digits as |mean| outgrows the deviation.
func affine[T kernels.Float](y, x, mean, scale, beta []T, relu bool) {
	c, low := len(mean), T(math.Inf(-1))
	if relu {
		low = 0
	}
	kernels.Tiles(len(x)/c, max(4, (1<<14)/c), func(lo, hi int) {
		affineRows(y[lo*c:hi*c], x[lo*c:hi*c], mean, scale, beta, low)
	})
}

func affineRow[T kernels.Float](y, x, mean, scale, beta []T, low T) {
	n := len(mean)
	y, x, scale, beta = y[:n], x[:n], scale[:n], beta[:n]
	for j, m := range mean {
		y[j] = max(low, (x[j]-m)*scale[j]+beta[j])
	}
}

// affineRows4 takes four rows at once: the channels' numbers are read once, and the loop itself costs a quarter.
func affineRows4[T kernels.Float](y, x, mean, scale, beta []T, low T) {
	n := len(mean)
	x0, x1, x2, x3 := x[:n], x[n:2*n], x[2*n:3*n], x[3*n:4*n]
	y0, y1, y2, y3 := y[:n], y[n:2*n], y[2*n:3*n], y[3*n:4*n]
	x1, x2, x3, y1, y2, y3 = x1[:n], x2[:n], x3[:n], y1[:n], y2[:n], y3[:n]
	scale, beta = scale[:n], beta[:n]
	for j, m := range mean {
		a, b := scale[j], beta[j]
		y0[j] = max(low, (x0[j]-m)*a+b)
		y1[j] = max(low, (x1[j]-m)*a+b)
		y2[j] = max(low, (x2[j]-m)*a+b)
		y3[j] = max(low, (x3[j]-m)*a+b)
	}
}

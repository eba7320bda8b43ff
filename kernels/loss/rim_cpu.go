package loss

import (
	"math"

	"udml-gpu/kernels"
)

// rimRun is one evaluation: probabilities and their logarithms [n,k], entropies of the rows [n], log of the mean row [k].
type rimRun struct {
	n, k                      int
	p, logp, entropy, logMean []float64
}

func rim[T kernels.Float](loss, terms, dlogits, logits *kernels.Array, mu float64) {
	n, k := logits.Dim(0), logits.Dim(1)
	work := kernels.BorrowHost[float64](2*n*k + n + k)
	defer kernels.ReturnHost(work)
	r := rimRun{n: n, k: k, p: work[:n*k], logp: work[n*k : 2*n*k], entropy: work[2*n*k : 2*n*k+n], logMean: work[2*n*k+n:]}
	logSoftmax(r, kernels.Data[T](logits))
	norm := rimNorm(k)
	rows, mean := r.rowEntropy()/norm, r.meanEntropy()/norm
	out := kernels.Data[T](terms)
	out[0], out[1] = T(rows), T(mean)
	kernels.Data[T](loss)[0] = T(rows + 1 - mu*mean)
	if dlogits != nil {
		rimGradient(r, kernels.Data[T](dlogits), mu, 1/(float64(n)*norm))
	}
}

// rimNorm is the number that entropies of k classes are divided by.
func rimNorm(k int) float64 {
	if k > 1 {
		return math.Log(float64(k))
	}
	return 1
}

// each calls f for blocks of rows.
func (r rimRun) each(f func(lo, hi int)) { kernels.Tiles(r.n, max(1, 2048/max(1, r.k)), f) }

func logSoftmax[T kernels.Float](r rimRun, x []T) {
	r.each(func(lo, hi int) {
		for i := lo; i < hi; i++ {
			a, b := i*r.k, (i+1)*r.k
			r.entropy[i] = logSoftmaxRow(r.p[a:b], r.logp[a:b], x[a:b])
		}
	})
}

// logSoftmaxRow fills p and log p of a row and returns its entropy. p = 0 counts 0 even where log p is -Inf.
func logSoftmaxRow[T kernels.Float](p, logp []float64, x []T) float64 {
	top, sum, h := math.Inf(-1), 0.0, 0.0
	for _, v := range x {
		if float64(v) > top {
			top = float64(v)
		}
	}
	for j, v := range x {
		p[j] = math.Exp(float64(v) - top)
		sum += p[j]
	}
	log := math.Log(sum)
	for j, v := range x {
		p[j] /= sum
		logp[j] = float64(v) - top - log
		if p[j] != 0 {
			h -= p[j] * logp[j]
		}
	}
	return h
}

func (r rimRun) rowEntropy() float64 {
	h := 0.0
	for _, v := range r.entropy {
		h += v
	}
	return h / float64(max(1, r.n))
}

// meanEntropy leaves log of the mean row in logMean and returns the mean row's entropy. Columns are summed in order of rows.
func (r rimRun) meanEntropy() float64 {
	clear(r.logMean)
	kernels.Tiles(r.k, 64, func(lo, hi int) {
		m := r.logMean[lo:hi]
		for i := range r.n {
			for j, v := range r.p[i*r.k+lo : i*r.k+hi] {
				m[j] += v
			}
		}
	})
	h := 0.0
	for j, s := range r.logMean {
		if s == 0 {
			continue // no row has any of it: its factor is always 0
		}
		m := s / float64(r.n)
		r.logMean[j] = math.Log(m)
		h -= m * r.logMean[j]
	}
	return h
}

func rimGradient[T kernels.Float](r rimRun, dx []T, mu, scale float64) {
	r.each(func(lo, hi int) {
		for i := lo; i < hi; i++ {
			a, b := i*r.k, (i+1)*r.k
			p, logp, dx := r.p[a:b], r.logp[a:b], dx[a:b]
			cross := 0.0
			for j, v := range p {
				cross += v * r.logMean[j]
			}
			for j, v := range p {
				g := 0.0
				if v != 0 {
					g = scale * v * (mu*(r.logMean[j]-cross) - logp[j] - r.entropy[i])
				}
				dx[j] = T(g)
			}
		}
	})
}

package loss

import (
	"math"

	"udml-gpu/kernels"
)

// relativeRow is one row of Relaxed or Distill, with relative distances in float64.
type relativeRow struct {
	i     int
	d, g  []float64 // relative distances, and the gradient by them
	delta float64
	scale float64
}

func relativeCPU[T kernels.Float](loss, dq, q, other *kernels.Array, delta float64, distill bool) {
	n := q.Dim(0)
	qd, od := kernels.Data[T](q), kernels.Data[T](other)
	terms := kernels.BorrowHost[float64](n)
	defer kernels.ReturnHost(terms)
	kernels.Tiles(n, max(1, 2048/max(1, n)), func(lo, hi int) {
		space := kernels.BorrowHost[float64](3 * n)
		defer kernels.ReturnHost(space)
		for i := lo; i < hi; i++ {
			r := relativeRow{i: i, d: space[:n], g: space[n : 2*n], delta: delta, scale: rowScale(n, distill)}
			mean := relativeDistances(r.d, qd[i*n:(i+1)*n], i)
			if distill {
				target := space[2*n:]
				relativeDistances(target, od[i*n:(i+1)*n], i)
				terms[i] = r.distill(target)
			} else {
				terms[i] = relaxedRow(r, od[i*n:(i+1)*n])
			}
			if dq != nil {
				gradientOfRow(kernels.Data[T](dq)[i*n:(i+1)*n], r, mean)
			}
		}
	})
	kernels.Data[T](loss)[0] = T(sumOf(terms))
}

// rowScale is what a term of a row counts.
func rowScale(n int, distill bool) float64 {
	if distill {
		return 1 / float64(max(1, n))
	}
	return 1 / float64(max(1, n*(n-1)))
}

// relativeDistances leaves the relative distances of row i in d, 0 for itself, and returns the mean distance.
func relativeDistances[T kernels.Float](d []float64, q []T, i int) float64 {
	sum := 0.0
	for j, v := range q {
		d[j] = 0
		if j != i {
			d[j] = math.Sqrt(float64(v))
			sum += d[j]
		}
	}
	mean := sum / float64(len(q))
	switch {
	case mean == 0:
		return mean // all are 0
	case math.IsInf(mean, 1):
		mean = math.NaN() // otherwise the finite distances of the row would be 0
	}
	for j := range d {
		if j != i {
			d[j] /= mean
		}
	}
	return mean
}

func relaxedRow[T kernels.Float](r relativeRow, w []T) float64 {
	sum := 0.0
	for j, d := range r.d {
		r.g[j] = 0
		if j == r.i {
			continue
		}
		gap, near := r.delta-d, float64(w[j])
		if gap < 0 {
			gap = 0
		}
		sum += near*d*d + (1-near)*gap*gap
		r.g[j] = 2 * r.scale * (near*d - (1-near)*gap)
	}
	return r.scale * sum
}

// distill has sums of at least 1 in both softmaxes: the row itself is at distance 0.
func (r relativeRow) distill(target []float64) float64 {
	own, other := 0.0, 0.0
	for j, d := range r.d {
		own += math.Exp(-d)
		other += math.Exp(-target[j])
	}
	shift, sum := math.Log(own)-math.Log(other), 0.0
	for j, d := range r.d {
		p := math.Exp(-target[j]) / other
		sum += p * (d - target[j] + shift)
		r.g[j] = r.scale * (p - math.Exp(-d)/own)
	}
	return r.scale * sum
}

// gradientOfRow is the gradient by the squared distances of the row from that by its relative ones.
func gradientOfRow[T kernels.Float](dq []T, r relativeRow, mean float64) {
	along, n := 0.0, float64(len(dq))
	for j, d := range r.d {
		along += r.g[j] * d
	}
	for j, d := range r.d {
		dq[j] = 0
		if j != r.i && !(d < nearestRelative) {
			dq[j] = T((r.g[j] - along/n) / (2 * mean * mean * d))
		}
	}
}

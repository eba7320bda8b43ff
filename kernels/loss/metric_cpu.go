package loss

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// metricRows is how many rows' similarities one core computes at a time.
const metricRows = 32

// metricRun is one evaluation. Centroids hold the live slots alone; at[slot] is a slot's row in them.
type metricRun[T kernels.Float] struct {
	n, d, live    int
	f, centroids  []T
	slot, at      []int32
	perRow        []float64
	inverse, tail float64 // 1/t, alpha
}

func metric[T kernels.Float](loss, df, f, c, slot, count *kernels.Array, t, alpha float64) {
	n, d := f.Dim(0), f.Dim(1)
	centroids, at, perRow := kernels.BorrowHost[T](c.Len()), kernels.BorrowHost[int32](count.Len()), kernels.BorrowHost[float64](n)
	defer kernels.ReturnHost(centroids)
	defer kernels.ReturnHost(at)
	defer kernels.ReturnHost(perRow)
	r := metricRun[T]{
		n: n, d: d, f: kernels.Data[T](f), centroids: centroids, slot: kernels.Data[int32](slot), at: at, perRow: perRow,
		inverse: 1 / t, tail: alpha,
	}
	r.gather(kernels.Data[T](c), kernels.Data[int32](count))
	var grad []T
	if df != nil {
		grad = kernels.Data[T](df)
	}
	kernels.Tiles(n, metricRows, func(lo, hi int) { r.tile(grad, lo, hi) })
	sum := 0.0
	for _, v := range perRow {
		sum += v
	}
	kernels.Data[T](loss)[0] = T(-sum / float64(max(1, n)))
}

// gather packs the live centroids, so that the content of an empty slot, NaN included, cannot matter.
func (r *metricRun[T]) gather(c []T, count []int32) {
	for j, n := range count {
		r.at[j] = -1
		if n > 0 {
			r.at[j] = int32(r.live)
			copy(r.centroids[r.live*r.d:(r.live+1)*r.d], c[j*r.d:(j+1)*r.d])
			r.live++
		}
	}
}

// tile computes rows [lo,hi): similarities by GEMM, each row's loss, then df = -1/(N t) (partner + G c) by GEMM again, with
// G the gradient of the row's terms by its similarities.
func (r *metricRun[T]) tile(grad []T, lo, hi int) {
	d, live, rows := r.d, r.live, hi-lo
	s := kernels.BorrowHost[T](rows * live)
	defer kernels.ReturnHost(s)
	if live > 1 {
		gemm.Block(false, true, rows, live, d, 1, r.f[lo*d:hi*d], d, r.centroids[:live*d], d, 0, s, live)
	}
	w := newRowTerms(live)
	defer w.free()
	scale := -r.inverse / float64(r.n)
	for i := lo; i < hi; i++ {
		partner := r.partner(i)
		r.perRow[i] = dot(r.f[i*d:(i+1)*d], partner) * r.inverse
		if live > 1 {
			row := s[(i-lo)*live : (i-lo+1)*live]
			r.perRow[i] += rowTerm(w, row, int(r.at[r.slot[i]]), r.inverse, r.tail)
		}
		if grad != nil {
			scaleTo(grad[i*d:(i+1)*d], partner, T(scale))
		}
	}
	if grad != nil && live > 1 {
		gemm.Block(false, false, rows, d, live, T(scale), s, live, r.centroids[:live*d], d, 1, grad[lo*d:hi*d], d)
	}
}

// partner is the other view of row i's image.
func (r *metricRun[T]) partner(i int) []T {
	j := (i + r.n/2) % r.n
	return r.f[j*r.d : (j+1)*r.d]
}

func dot[T kernels.Float](a, b []T) float64 {
	s := 0.0
	for i, v := range a {
		s += float64(v) * float64(b[i])
	}
	return s
}

func scaleTo[T kernels.Float](y, x []T, a T) {
	for i, v := range x {
		y[i] = a * v
	}
}

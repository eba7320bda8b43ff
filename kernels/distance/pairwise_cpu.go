package distance

import (
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// The block of the distance matrix that one core makes at a time: its scores stay in the second-level cache.
const (
	tileRows = 256
	tileCols = 512
)

// cancelled is the part of |x|^2 + |y|^2 below which the GEMM form has lost too many digits.
const cancelled = 1.0 / 1024

// pairwiseLoop is the definition, entry by entry, summed in float64.
func pairwiseLoop[T kernels.Float](dst, x, y []T, n, m, d int, metric Metric) {
	for i := range n {
		for j := range m {
			dst[i*m+j] = T(between(x[i*d:(i+1)*d], y[j*d:(j+1)*d], metric))
		}
	}
}

func between[T kernels.Float](x, y []T, m Metric) float64 {
	var diff, dot, xx, yy float64
	for i := range x {
		a, b := float64(x[i]), float64(y[i])
		diff += (a - b) * (a - b)
		dot += a * b
		xx += a * a
		yy += b * b
	}
	switch m {
	case SquaredL2:
		return diff
	case Cosine:
		return dot / (max(math.Sqrt(xx), tiny) * max(math.Sqrt(yy), tiny))
	}
	return dot
}

// tiny bounds the length that a row is divided by, as torch.nn.functional.normalize does.
const tiny = 1e-12

// scorer makes blocks of the matrix of m(x[i], y[j]). With sign -1 the squared distances are negated, so that
// larger is better under every metric.
type scorer[T kernels.Float] struct {
	x, y   []T
	halves []uint16 // y, where y itself is nil
	d      int
	metric Metric
	sign   T
	xs, ys []T // per row: sign |x|^2 for SquaredL2, 1/|x| for Cosine, empty for InnerProduct
}

func newScorer[T kernels.Float](x, y *kernels.Array, m Metric, sign T) *scorer[T] {
	s := &scorer[T]{x: kernels.Data[T](x), y: kernels.Data[T](y), d: x.Dim(1), metric: m, sign: sign}
	if m == InnerProduct {
		return s
	}
	s.xs, s.ys = kernels.BorrowHost[T](x.Dim(0)), kernels.BorrowHost[T](y.Dim(0))
	s.rowFigures(s.xs, s.x)
	s.rowFigures(s.ys, s.y)
	return s
}

func (s *scorer[T]) release() {
	kernels.ReturnHost(s.xs)
	kernels.ReturnHost(s.ys)
}

// rowFigures fills out with each row's part in the entries: xs or ys.
func (s *scorer[T]) rowFigures(out, x []T) {
	kernels.Tiles(len(out), tileRows, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			n := squaredNorm(x[i*s.d : (i+1)*s.d])
			if s.metric == Cosine {
				out[i] = T(1 / max(math.Sqrt(n), tiny))
				continue
			}
			out[i] = s.sign * T(n)
		}
	})
}

func squaredNorm[T kernels.Float](x []T) float64 {
	var a, b float64 // two chains: the adder's latency bounds this loop
	for len(x) >= 2 {
		a += float64(x[0]) * float64(x[0])
		b += float64(x[1]) * float64(x[1])
		x = x[2:]
	}
	if len(x) > 0 {
		a += float64(x[0]) * float64(x[0])
	}
	return a + b
}

// products writes x[i].y[j], times -2 sign for SquaredL2, for i in [i0,i1) and j in [j0,j1) to dst, whose rows are ld
// apart.
func (s *scorer[T]) products(dst []T, ld, i0, i1, j0, j1 int) {
	alpha := T(1)
	if s.metric == SquaredL2 {
		alpha = -2 * s.sign
	}
	y, done := s.others(j0, j1)
	gemm.Block(false, true, i1-i0, j1-j0, s.d, alpha, s.x[i0*s.d:i1*s.d], s.d, y, s.d, 0, dst, ld)
	done()
}

// finish turns the products of x[i] with y[j0], y[j0+1], ... into the entries of the matrix. out may be products.
func (s *scorer[T]) finish(out, products []T, i, j0 int) {
	switch s.metric {
	case SquaredL2:
		s.finishL2(out, products, i, j0)
	case Cosine:
		scale(out, products, s.ys[j0:], s.xs[i])
	}
}

func (s *scorer[T]) finishL2(out, products []T, i, j0 int) {
	ys := s.ys[j0:][:len(products)]
	out = out[:len(products)]
	xx, sign := s.xs[i], s.sign
	if !squaredL2Row(out, products, ys, xx, sign) {
		return
	}
	for j, v := range out {
		if !(sign*(v-(xx+ys[j])*cancelled) >= 0) {
			out[j] = sign * s.byDifferences(i, j0+j)
		}
	}
}

// byDifferences is |x[i] - y[j]|^2 without cancellation.
func (s *scorer[T]) byDifferences(i, j int) T {
	x := s.x[i*s.d : (i+1)*s.d]
	y := s.y[j*s.d:][:len(x)]
	sum := 0.0
	for k, v := range x {
		diff := float64(v - y[k])
		sum += diff * diff
	}
	return T(sum)
}

func pairwise[T kernels.Float](dst, x, y *kernels.Array, m Metric) {
	s := newScorer[T](x, y, m, 1)
	defer s.release()
	rows, cols, out := x.Dim(0), y.Dim(0), kernels.Data[T](dst)
	across := kernels.TileCount(cols, tileCols)
	kernels.Tiles(kernels.TileCount(rows, tileRows)*across, 1, func(t, _ int) {
		i, j := t/across*tileRows, t%across*tileCols
		s.tile(out[i*cols+j:], cols, i, min(i+tileRows, rows), j, min(j+tileCols, cols))
	})
}

// tile writes rows [i0,i1) and columns [j0,j1) of the matrix to dst, whose rows are ld apart. Products that need finishing
// go into a dense block first: rows of dst that lie a power of two apart would push each other out of the cache.
func (s *scorer[T]) tile(dst []T, ld, i0, i1, j0, j1 int) {
	if s.metric == InnerProduct {
		s.products(dst, ld, i0, i1, j0, j1)
		return
	}
	block := kernels.BorrowHost[T](tileRows * tileCols)
	s.products(block, tileCols, i0, i1, j0, j1)
	for i := i0; i < i1; i++ {
		s.finish(dst[(i-i0)*ld:][:j1-j0], block[(i-i0)*tileCols:][:j1-j0], i, j0)
	}
	kernels.ReturnHost(block)
}

package distance

import (
	"math"

	"udml-gpu/kernels"
)

// topKLoop is the definition: the best of the remaining columns, k times, in each row of the whole matrix of scores (larger is
// better).
func topKLoop[T kernels.Float](score []T, m, k, self int) (idx []int32) {
	taken := make([]bool, m)
	for range k {
		best := -1
		for j, v := range score[:m] {
			if !taken[j] && j != self && v == v && (best < 0 || v > score[best]) {
				best = j
			}
		}
		if best >= 0 {
			taken[best] = true
		}
		idx = append(idx, int32(best))
	}
	return idx
}

// sign makes larger better: -1 for distances, 1 for similarities.
func (m Metric) sign() int {
	if m == SquaredL2 {
		return -1
	}
	return 1
}

func topK[T kernels.Float](vals, idx, x, y *kernels.Array, m Metric, selfOffset int) {
	k, sign := vals.Dim(1), T(m.sign())
	v, at := kernels.Data[T](vals), kernels.Data[int32](idx)
	s := &search[T]{self: selfOffset, k: func(int) int { return k }}
	s.visit = func(i int, best candidates[T]) {
		for j := range k {
			if j < len(best.score) {
				v[i*k+j], at[i*k+j] = sign*best.score[j], best.index[j]
				continue
			}
			v[i*k+j], at[i*k+j] = sign*T(math.Inf(-1)), -1
		}
	}
	s.run(x, y, m)
}

func nearest[T kernels.Float](x, y *kernels.Array, m Metric, selfOffset int, k func(i int) int, visit func(i int, idx []int32)) {
	s := &search[T]{self: selfOffset, k: k, visit: func(i int, best candidates[T]) { visit(i, best.index) }}
	s.twin = twins(kernels.Data[T](y), y.Dim(1))
	s.run(x, y, m)
}

// search looks for the k(i) best rows of y of every row i of x; visit gets them, best first.
type search[T kernels.Float] struct {
	self   int // the row of y that row 0 of x is, or -1
	k      func(i int) int
	visit  func(i int, best candidates[T])
	scorer *scorer[T]
	m      int    // rows of y
	twin   []bool // rows of y that are to score as another one, which they equal; nil for none
}

// searchRows is the largest number of rows that one core searches for at a time; of few rows each core gets some.
const searchRows = 512

// candidateBudget bounds the candidates that one block of rows holds: 16 MB of float32 ones.
const candidateBudget = 1 << 21

func (s *search[T]) run(x, y *kernels.Array, m Metric) {
	s.m = y.Dim(0)
	s.scorer = newScorer(x, y, m, T(m.sign()))
	defer s.scorer.release()
	n := x.Dim(0)
	kernels.Tiles(n, max(1, min(searchRows, max(128, n/32), candidateBudget/s.widest(0, n))), s.rows)
}

// widest is the largest room that a row from lo to hi needs, at least 1.
func (s *search[T]) widest(lo, hi int) int {
	w := 1
	for i := lo; i < hi; i++ {
		w = max(w, room(s.k(i), s.m))
	}
	return w
}

// rows searches for rows [lo,hi) of x, one block of columns after the other.
func (s *search[T]) rows(lo, hi int) {
	width := s.widest(lo, hi)
	memory := borrowCandidates[T]((hi - lo + 1) * width)
	defer memory.release()
	found := make([]collector[T], hi-lo)
	for i := range found {
		found[i] = collector[T]{k: min(s.k(lo+i), s.m), spare: memory.part(0, width), alike: s.alike(lo + i)}
		found[i].candidates = memory.part((i+1)*width, (i+1)*width+room(found[i].k, s.m))
	}
	block := kernels.BorrowHost[T]((hi - lo) * tileCols)
	defer kernels.ReturnHost(block)
	for j := 0; j < s.m; j += tileCols {
		end := min(j+tileCols, s.m)
		s.scorer.products(block, tileCols, lo, hi, j, end)
		for i := range found {
			s.offer(&found[i], block[i*tileCols:][:end-j], lo+i, j)
		}
	}
	for i := range found {
		s.visit(lo+i, found[i].best())
	}
}

// offer shows a collector how row i of x scores with rows j, j+1, ... of y, but not with itself.
func (s *search[T]) offer(c *collector[T], row []T, i, j int) {
	s.scorer.finish(row, row, i, j)
	if at := s.self + i - j; s.self >= 0 && at >= 0 && at < len(row) {
		row[at] = T(math.NaN())
	}
	if c.k > 0 {
		c.offer(row, j)
	}
}

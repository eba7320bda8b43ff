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

func topK[T kernels.Float](vals, idx, x, y *kernels.Array, m Metric, selfOffset int, part Part) {
	s := &search[T]{self: selfOffset, part: part}
	s.writeTo(vals, idx, T(m.sign()))
	s.run(newScorer(x, y, m, T(m.sign())), x.Dim(0), y.Dim(0))
}

// writeTo has the results written to vals and idx [N,k], the scores times sign.
func (s *search[T]) writeTo(vals, idx *kernels.Array, sign T) {
	k := vals.Dim(1)
	v, at := kernels.Data[T](vals), kernels.Data[int32](idx)
	s.k = func(int) int { return k }
	s.visit = func(i int, best candidates[T]) {
		for j := range k {
			if j < len(best.score) {
				v[i*k+j], at[i*k+j] = sign*best.score[j], best.index[j]
				continue
			}
			v[i*k+j], at[i*k+j] = sign*T(math.Inf(-1)), -1
		}
	}
}

func nearest[T kernels.Float](x, y *kernels.Array, m Metric, selfOffset int, part Part, k func(i int) int, visit func(i int, idx []int32)) {
	s := &search[T]{self: selfOffset, part: part, k: k, visit: func(i int, best candidates[T]) { visit(i, best.index) }}
	s.twin = twins(kernels.Data[T](y), y.Dim(1))
	s.run(newScorer(x, y, m, T(m.sign())), x.Dim(0), y.Dim(0))
}

// search looks for the k(i) best rows of y of every row i of x; visit gets them, best first.
type search[T kernels.Float] struct {
	self   int  // the row of y that row 0 of x is, or -1
	part   Part // the rows of x that are searched for
	k      func(i int) int
	visit  func(i int, best candidates[T])
	scorer *scorer[T]
	m      int    // rows of y
	twin   []bool // rows of y that are to score as another one, which they equal; nil for none
}

const (
	// searchRows is the largest number of rows of x that are searched for at a time. Of fewer than searchTasks times as many, y is cut
	// into pieces, so that the cores have enough to share; a product with fewer than fewRows rows, or a piece of fewer than pieceRows,
	// costs more than the sharing gains.
	searchRows  = 512
	fewRows     = 128
	searchTasks = 32
	pieceRows   = 1 << 12
)

// candidateBudget bounds the candidates that are held at a time for a tile of rows, or for all pieces: 16 MB of float32 ones.
const candidateBudget = 1 << 21

// run searches for the n rows that the scorer has among its m others, and releases it.
func (s *search[T]) run(scorer *scorer[T], n, m int) {
	s.scorer, s.m = scorer, m
	defer scorer.release()
	width := s.widest(0, n)
	rows, pieces := searchTiling(n, s.m, width)
	if pieces == 1 {
		s.tiles(n, rows, func(lo, hi int) { s.rows(lo, hi, 0, s.m, nil, s.visit) })
		return
	}
	s.inPieces(n, rows, pieces, width)
}

// tiles is kernels.Tiles for those tiles that have rows of the part.
func (s *search[T]) tiles(n, rows int, do func(lo, hi int)) {
	kernels.Tiles(n, rows, func(lo, hi int) {
		if !s.part.none(lo, hi) {
			do(lo, hi)
		}
	})
}

// searchTiling is how n rows, with width candidates each, are searched for in m rows: rows of x at a time, and in how many pieces of y.
func searchTiling(n, m, width int) (rows, pieces int) {
	pieces = min(max(1, m/pieceRows), searchTasks, max(1, candidateBudget/max(1, n*width)))
	rows = max(1, min(searchRows, max(fewRows, n*pieces/searchTasks), candidateBudget/width))
	if tiles := kernels.TileCount(n, rows); tiles > 0 {
		pieces = min(pieces, kernels.TileCount(searchTasks, tiles))
	}
	return rows, pieces
}

// inPieces searches in pieces of y, and takes the best of what they give.
func (s *search[T]) inPieces(n, rows, pieces, width int) {
	kept := newPieces[T](n, pieces+1, width)
	defer kept.release()
	// What the first rows give spares the pieces most of the candidates that each would begin with.
	first := min(pieceRows, s.m)
	s.tiles(n, fewRows, func(lo, hi int) {
		s.rows(lo, hi, 0, first, nil, func(i int, best candidates[T]) { kept.put(i, 0, best) })
	})
	each := kernels.TileCount(s.m-first, pieces)
	kernels.Tiles(kernels.TileCount(n, rows)*pieces, 1, func(task, _ int) {
		piece, lo := task%pieces, task/pieces*rows
		if s.part.none(lo, lo+rows) {
			return
		}
		from := min(first+piece*each, s.m)
		start := func(i int) candidates[T] { return kept.of(i, 0) }
		s.rows(lo, min(lo+rows, n), from, min(from+each, s.m), start, func(i int, best candidates[T]) { kept.put(i, piece+1, best) })
	})
	s.tiles(n, rows, func(lo, hi int) {
		memory := borrowCandidates[T](2 * width)
		defer memory.release()
		for i := max(lo, s.part.Lo); i < min(hi, s.part.Hi); i++ {
			c := collector[T]{k: min(s.k(i), s.m), spare: memory.part(0, width)}
			c.candidates = memory.part(width, width+room(c.k, s.m))
			for piece := range pieces + 1 {
				c.offerCandidates(kept.of(i, piece))
			}
			s.visit(i, c.best())
		}
	})
}

// widest is the largest room that a row from lo to hi needs, at least 1.
func (s *search[T]) widest(lo, hi int) int {
	w := 1
	for i := lo; i < hi; i++ {
		w = max(w, room(s.k(i), s.m))
	}
	return w
}

// rows searches for rows [lo,hi) of x in rows [from,to) of y, one block of these after the other. start, unless nil, is the best of the
// rows before from: what is not better than k of them is left out.
func (s *search[T]) rows(lo, hi, from, to int, start func(i int) candidates[T], visit func(i int, best candidates[T])) {
	width := s.widest(lo, hi)
	memory := borrowCandidates[T]((hi - lo + 1) * width)
	defer memory.release()
	found := make([]collector[T], hi-lo)
	for i := range found {
		found[i] = collector[T]{k: min(s.k(lo+i), s.m), spare: memory.part(0, width), alike: s.alike(lo + i)}
		found[i].candidates = memory.part((i+1)*width, (i+1)*width+room(found[i].k, s.m))
		if start != nil && s.part.has(lo+i) {
			found[i].startAbove(start(lo + i))
		}
	}
	block := kernels.BorrowHost[T]((hi - lo) * tileCols)
	defer kernels.ReturnHost(block)
	hopeful := newHopeful[T](hi - lo)
	for j := from; j < to; j += tileCols {
		end := min(j+tileCols, to)
		s.scorer.products(block, tileCols, lo, hi, j, end)
		for i := range found {
			s.finish(block[i*tileCols:][:end-j], lo+i, j)
		}
		for at, any := range hopeful.parts(block, end-j, found) {
			if i, part := at/partsOfRow, at%partsOfRow*partCols; any && part < end-j {
				found[i].offer(block[i*tileCols:][part:min(part+partCols, end-j)], j+part)
			}
		}
	}
	for i := range found {
		if s.part.has(lo + i) {
			visit(lo+i, found[i].best())
		}
	}
}

// finish makes scores of the products of row i of x with rows j, j+1, ... of y: NaN with itself.
func (s *search[T]) finish(row []T, i, j int) {
	s.scorer.finish(row, row, i, j)
	if at := s.self + i - j; s.self >= 0 && at >= 0 && at < len(row) {
		row[at] = T(math.NaN())
	}
}

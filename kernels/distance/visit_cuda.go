package distance

import "udml-gpu/kernels"

// visitCUDA is Nearest: it searches for a block of rows with the largest k among them, and reads the result.
func visitCUDA(x, y *kernels.Array, m Metric, selfOffset int, k func(i int) int, visit func(i int, idx []int32)) {
	if y.Dim(0) == 0 {
		kernels.Tiles(x.Dim(0), searchRows, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				visit(i, nil)
			}
		})
		return
	}
	s := newGPUSearch(x, y, m, selfOffset)
	for lo := 0; lo < x.Dim(0); {
		hi, most := block(lo, x.Dim(0), y.Dim(0), k)
		s.visit(x.Rows(lo, hi), lo, most, k, visit)
		lo = hi
	}
	s.free()
}

// block is how far rows from lo on go together, and the largest k among them, at most m and at least 1.
func block(lo, n, m int, k func(i int) int) (hi, most int) {
	most = 1
	for hi = lo; hi < n; hi++ {
		wider := max(most, min(k(hi), m))
		if hi > lo && (hi+1-lo)*wider > budget.places {
			break
		}
		most = wider
	}
	return hi, most
}

// visit searches for the `most` best of rows x, which begin at row `first` of all, and hands each its own number of
// them.
func (s *gpuSearch) visit(x *kernels.Array, first, most int, k func(i int) int, visit func(i int, idx []int32)) {
	n := x.Dim(0)
	vals, idx := s.dev.Scratch(kernels.Float32, n, most), s.dev.Scratch(kernels.Int32, n, most)
	s.rows(vals, idx, x, first)
	all := kernels.Read[int32](idx)
	vals.Free()
	idx.Free()
	if s.dev.Err() != nil {
		return // all is zeros
	}
	kernels.Tiles(n, searchRows, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			visit(first+i, found(all[i*most:(i+1)*most], k(first+i)))
		}
	})
}

// found is the first k of a row's indices, without the -1 behind the last.
func found(idx []int32, k int) []int32 {
	n := 0
	for n < min(k, len(idx)) && idx[n] >= 0 {
		n++
	}
	return idx[:n]
}

package distance

import (
	"math"
	"slices"

	"udml-gpu/kernels"
)

// twins marks the rows of y [M,D] that are equal to another one; nil when none is. Elements are compared as numbers, so that a row
// with a NaN has no twin.
func twins[T kernels.Float](y []T, d int) []bool {
	if d == 0 {
		return nil
	}
	var twin []bool
	first := map[uint64][]int32{} // by hash: rows of which none is equal to another
	for j := range len(y) / d {
		row := y[j*d : (j+1)*d]
		h := hashOf(row)
		at := slices.IndexFunc(first[h], func(o int32) bool { return slices.Equal(y[int(o)*d:int(o+1)*d], row) })
		if at < 0 {
			first[h] = append(first[h], int32(j))
			continue
		}
		if twin == nil {
			twin = make([]bool, len(y)/d)
		}
		twin[j], twin[first[h][at]] = true, true
	}
	return twin
}

// hashOf is FNV-1a, a number at a time: equal for rows that are equal, -0 counting as 0.
func hashOf[T kernels.Float](row []T) uint64 {
	h := uint64(14695981039346656037)
	for _, v := range row {
		h = (h ^ math.Float64bits(float64(v)+0)) * 1099511628211
	}
	return h
}

// alike gives rows of y that are equal the same score with row i of x: the sum by differences or products of one row, in one order.
// In the library's product their scores may differ in the last bits, by their place in it.
func (s *search[T]) alike(i int) func(j int, score T) T {
	if s.twin == nil {
		return nil
	}
	d := s.scorer.d
	return func(j int, score T) T {
		if !s.twin[j] {
			return score
		}
		v := T(between(s.scorer.x[i*d:(i+1)*d], s.scorer.y[j*d:(j+1)*d], s.scorer.metric))
		if s.scorer.metric == SquaredL2 {
			return s.scorer.sign * v
		}
		return v
	}
}

package eval

import (
	"context"

	"udml-gpu/kernels/distance"
)

// retrieval is how each query found images of its class.
type retrieval struct {
	first     []int32   // place of the nearest image of the class, from 0; -1 beyond the places looked at
	precision []float64 // average precision at R; -1 where there is no image of the class to find
}

// searchBlock is how many queries are searched for at a time: what is asked for between blocks takes a second at most.
const searchBlock = 4096

// retrieve searches, for every query, so many places that Recall@kMax and MAP@R can be told. The error is that of ctx.
func (s *search) retrieve(ctx context.Context, kMax int) (retrieval, error) {
	n := len(s.of)
	r := retrieval{make([]int32, n), make([]float64, n)}
	for lo := 0; lo < n; lo += searchBlock {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		s.retrieveBlock(r, lo, min(lo+searchBlock, n), kMax)
	}
	return r, nil
}

// retrieveBlock searches for queries lo to hi-1.
func (s *search) retrieveBlock(r retrieval, lo, hi, kMax int) {
	for i := lo; i < hi; i++ {
		r.first[i], r.precision[i] = -1, -1
	}
	places := func(i int) int {
		if s.positives(lo+i) == 0 {
			return 0
		}
		return max(kMax, s.positives(lo+i))
	}
	self := s.self
	if self >= 0 {
		self += lo
	}
	distance.Nearest(s.x.Rows(lo, hi), s.y, distance.InnerProduct, self, places, func(i int, idx []int32) { s.note(r, lo+i, idx) })
}

// note takes what query i found, nearest first.
func (s *search) note(r retrieval, i int, idx []int32) {
	own := s.of[i]
	for place, j := range idx {
		if s.among[j] == own {
			r.first[i] = int32(place)
			break
		}
	}
	if positives := s.positives(i); positives > 0 {
		r.precision[i] = averagePrecision(idx[:positives], s.among, own)
	}
}

// recall is the share of all queries with one of their class among the k nearest.
func (r retrieval) recall(k int) float64 {
	hits := 0
	for _, place := range r.first {
		if place >= 0 && int(place) < k {
			hits++
		}
	}
	return float64(hits) / float64(len(r.first))
}

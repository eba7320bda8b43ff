package eval

import (
	"context"

	"udml-gpu/kernels/distance"
)

// retrieval is the result of each query.
type retrieval struct {
	first     []int32   // place of the nearest image of the class, from 0; -1 if none was found
	precision []float64 // average precision at R; -1 where the class has no image to find
}

// searchBlock is the number of queries searched at a time. Cancellation is checked between blocks, which take a second at most.
const searchBlock = 4096

// retrieve finds, for every query, enough neighbours for Recall@kMax and MAP@R. The error is that of ctx.
func (s *search) retrieve(ctx context.Context, kMax int, tell func(what string, done, total int)) (retrieval, error) {
	n := len(s.queryClass)
	r := retrieval{make([]int32, n), make([]float64, n)}
	for lo := 0; lo < n; lo += searchBlock {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		s.retrieveBlock(r, lo, min(lo+searchBlock, n), kMax)
		tell("searching", min(lo+searchBlock, n), n)
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

// note records the result idx of query i, nearest first.
func (s *search) note(r retrieval, i int, idx []int32) {
	own := s.queryClass[i]
	for place, j := range idx {
		if s.galleryClass[j] == own {
			r.first[i] = int32(place)
			break
		}
	}
	if positives := s.positives(i); positives > 0 {
		r.precision[i] = averagePrecision(idx[:positives], s.galleryClass, own)
	}
}

// recall is the share of all queries with an image of their class among the k nearest.
func (r retrieval) recall(k int) float64 {
	hits := 0
	for _, place := range r.first {
		if place >= 0 && int(place) < k {
			hits++
		}
	}
	return float64(hits) / float64(len(r.first))
}

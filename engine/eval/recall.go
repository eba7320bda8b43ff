package eval

import "udml-gpu/kernels/distance"

// retrieval is how each query found images of its class.
type retrieval struct {
	first     []int32   // place of the nearest image of the class, from 0; -1 beyond the places looked at
	precision []float64 // average precision at R; -1 where there is no image of the class to find
}

// retrieve searches, for every query, so many places that Recall@kMax and MAP@R can be told.
func (s *search) retrieve(kMax int) retrieval {
	n := len(s.of)
	r := retrieval{make([]int32, n), make([]float64, n)}
	for i := range n {
		r.first[i], r.precision[i] = -1, -1
	}
	places := func(i int) int {
		if s.positives(i) == 0 {
			return 0
		}
		return max(kMax, s.positives(i))
	}
	distance.Nearest(s.x, s.y, distance.InnerProduct, s.self, places, func(i int, idx []int32) {
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
	})
	return r
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

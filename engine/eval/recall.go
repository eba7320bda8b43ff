package eval

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
)

// retrieval is how each image found others of its class.
type retrieval struct {
	first     []int32   // place of the nearest image of the class, from 0; -1 beyond the places looked at
	precision []float64 // average precision at R; -1 for an image alone in its class
}

// retrieve searches, for every row of unit, so many places that Recall@kMax and MAP@R can be told.
func retrieve(unit *kernels.Array, c classes, kMax int) retrieval {
	r := retrieval{make([]int32, len(c.of)), make([]float64, len(c.of))}
	for i := range c.of {
		r.first[i], r.precision[i] = -1, -1
	}
	places := func(i int) int {
		others := c.size[c.of[i]] - 1
		if others == 0 {
			return 0
		}
		return max(kMax, others)
	}
	distance.Nearest(unit, unit, distance.InnerProduct, 0, places, func(i int, idx []int32) {
		own := c.of[i]
		for place, j := range idx {
			if c.of[j] == own {
				r.first[i] = int32(place)
				break
			}
		}
		if others := c.size[own] - 1; others > 0 {
			r.precision[i] = averagePrecision(idx[:others], c.of, own)
		}
	})
	return r
}

// recall is the share of all images with one of their class among the k nearest.
func (r retrieval) recall(k int) float64 {
	hits := 0
	for _, place := range r.first {
		if place >= 0 && int(place) < k {
			hits++
		}
	}
	return float64(hits) / float64(len(r.first))
}

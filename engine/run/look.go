package run

import "slices"

// Look is what an embedding made of a sample of the images, kept in the state so that the page can show the end beside the start.
type Look struct {
	Of      string      `json:"of"`      // what was looked at, such as "before training"
	Images  int         `json:"images"`  // of the sample
	Queries []int32     `json:"queries"` // numbers of images of the test cache
	Near    [][]int32   `json:"near"`    // the images of the sample that are nearest to each query, best first
	Cosine  [][]float32 `json:"cosine"`  // of each of them
	Cosines Cosines     `json:"cosines"`
}

// Cosines are histograms of cosines: shares of CosineBins equal parts of [-1,1].
type Cosines struct {
	Nearest []float64 `json:"nearest"`         // of each image and the nearest other
	All     []float64 `json:"all"`             // of any two images
	Same    []float64 `json:"same,omitempty"`  // of two of the same class; nil without labels
	Other   []float64 `json:"other,omitempty"` // of two of different classes
}

// CosineBins is how many parts a histogram of cosines has.
const CosineBins = 100

// fits says whether l, which may be nil or from a damaged file, is of a cache of n images.
func (l *Look) fits(n int) bool {
	if l == nil || len(l.Near) != len(l.Queries) || len(l.Cosine) != len(l.Queries) {
		return false
	}
	inside := func(list []int32) bool {
		return !slices.ContainsFunc(list, func(i int32) bool { return i < 0 || int(i) >= n })
	}
	for q, near := range l.Near {
		if len(near) != len(l.Cosine[q]) || !inside(near) {
			return false
		}
	}
	for _, h := range [][]float64{l.Cosines.Nearest, l.Cosines.All, l.Cosines.Same, l.Cosines.Other} {
		if h != nil && len(h) != CosineBins {
			return false
		}
	}
	return inside(l.Queries)
}

// StartLook is the look that the run began with; nil where the state has none of n images.
func (s *State) StartLook(n int) *Look {
	if !s.Start.fits(n) {
		return nil
	}
	return s.Start
}

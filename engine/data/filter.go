package data

import "math"

// precision is the number of fractional bits of a filter's weights: a sum of 255 times all of them fits in 32 bits.
const (
	precision = 32 - 8 - 2
	half      = 1 << (precision - 1)
)

// filter is a triangle filter between two lengths: target pixel x is the sum of weights[offset[x]:offset[x+1]] times the
// source pixels from start[x] on. The triangle is as wide as a source or a target pixel, whichever is larger, so that
// shrinking does not alias (Pillow's Resample.c, precompute_coeffs and normalize_coeffs_8bpc with BILINEAR).
type filter struct {
	start, offset []int
	weights       []int32
}

func newFilter(from, to int) *filter {
	scale := float64(from) / float64(to)
	width := max(scale, 1)
	f := &filter{start: make([]int, to), offset: make([]int, to+1)}
	for x := range to {
		centre := (float64(x) + 0.5) * scale
		first := max(0, int(centre-width+0.5))
		last := min(from, int(centre+width+0.5))
		f.start[x] = first
		f.weights = append(f.weights, triangle(centre, width, first, last)...)
		f.offset[x+1] = len(f.weights)
	}
	return f
}

// triangle is the weights of source pixels first to last-1, which sum to 1 in fixed point, up to rounding.
func triangle(centre, width float64, first, last int) []int32 {
	w := make([]float64, last-first)
	sum := 0.0
	for i := range w {
		w[i] = max(0, 1-math.Abs((float64(i+first)-centre+0.5)*(1/width)))
		sum += w[i]
	}
	fixed := make([]int32, len(w))
	for i, v := range w {
		fixed[i] = int32(0.5 + v/sum*(1<<precision))
	}
	return fixed
}

package picture

import (
	"math"

	"udml-gpu/cgo/vector"
)

// precision is the number of fractional bits of a filter's weights. 255 times the sum of all weights fits in 32 bits, also
// for bicubic and Lanczos, where some are negative: their absolute values sum to less than 1.6.
const (
	precision = 32 - 8 - 2
	half      = 1 << (precision - 1)
)

// interpolation is the weight of a pixel by its distance from the target pixel.
type interpolation struct {
	name  string
	reach float64 // beyond this distance weights are 0
	at    func(distance float64) float64
}

// interpolations are the filters of the same names in Pillow (Resample.c); the first is the default.
var interpolations = []interpolation{{"bilinear", 1, triangle}, {"bicubic", 2, cubic}, {"lanczos", 3, lanczos}}

func triangle(x float64) float64 { return max(0, 1-math.Abs(x)) }

// cubic is Keys' convolution kernel with a = -0.5.
func cubic(x float64) float64 {
	const a = -0.5
	switch x = math.Abs(x); {
	case x < 1:
		return float64(float64((float64((a+2)*x)-(a+3))*x)*x) + 1
	case x < 2:
		return (float64((float64((x-5)*x)+8)*x) - 4) * a
	}
	return 0
}

// lanczos is sinc(x) sinc(x/3).
func lanczos(x float64) float64 {
	if math.Abs(x) >= 3 {
		return 0
	}
	return sinc(x) * sinc(x/3)
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(x*math.Pi) / (x * math.Pi)
}

// filter gives the weights by which source pixels low to high-1 make consecutive target pixels: the i-th is the sum of
// weights[offset[i]:offset[i+1]] times the pixels from low+start[i] on.
type filter struct {
	low, high              int
	start, offset, weights []int32
}

// taps is the filter in the form of the loops in C.
func (f *filter) taps() vector.Taps {
	return vector.Taps{Start: f.start, Offset: f.offset, Weights: f.weights, Bits: precision}
}

// newFilter makes the filter for target pixels first to first+count-1 when a line of from pixels is resized to to
// pixels. The kernel is as wide as a source or a target pixel, whichever is larger, so that shrinking does not alias (Pillow's
// precompute_coeffs and normalize_coeffs_8bpc).
func (kind interpolation) newFilter(from, to, first, count int) *filter {
	scale := float64(from) / float64(to)
	width := max(scale, 1)
	support := kind.reach * width
	f := &filter{start: make([]int32, count), offset: make([]int32, count+1)}
	for i := range count {
		centre := float64((float64(first+i) + 0.5) * scale)
		begin := max(0, int(centre-support+0.5))
		end := min(from, int(centre+support+0.5))
		if i == 0 {
			f.low = begin
		}
		f.high = end // both bounds only grow
		f.start[i] = int32(begin - f.low)
		f.weights = append(f.weights, kind.weights(centre, width, begin, end)...)
		f.offset[i+1] = int32(len(f.weights))
	}
	return f
}

// weights are the weights of source pixels begin to end-1, which sum to 1 in fixed point, up to rounding.
func (kind interpolation) weights(centre, width float64, begin, end int) []int32 {
	w := make([]float64, end-begin)
	sum := 0.0
	for i := range w {
		w[i] = kind.at((float64(i+begin) - centre + 0.5) * (1 / width))
		sum += w[i]
	}
	fixed := make([]int32, len(w))
	for i, v := range w {
		fixed[i] = int32(math.Copysign(0.5, v) + v/sum*(1<<precision))
	}
	return fixed
}

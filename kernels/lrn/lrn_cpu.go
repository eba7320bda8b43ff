package lrn

import (
	"math"

	"udml-gpu/kernels"
)

// tileFloats is how many elements a tile has, roughly: whole pixels that a core's first cache holds.
const tileFloats = 4096

// forwardLoop is the reference, element by element; Backward is held against finite differences of it.
func forwardLoop(y, x []float64, channels int, s Spec) {
	for i := range x {
		sum, c := 0.0, i%channels
		for d := -s.half(); d <= s.half(); d++ {
			if c+d >= 0 && c+d < channels {
				sum += x[i+d] * x[i+d]
			}
		}
		y[i] = x[i] * math.Pow(s.K+s.share()*sum, -s.Beta)
	}
}

// pixel is the work space for one pixel at a time, in float64. The padded ones have half() zeros at each end, so that
// windows need no bounds.
type pixel struct {
	Spec
	squares, ratios []float64 // padded: x^2, and dy x s^(-Beta-1)
	scale, factor   []float64 // s, and s^-Beta
}

// roomFor is how many numbers that are.
func roomFor(channels int, s Spec) int { return 4*channels + 2*(s.Size-1) }

func newPixel(room []float64, channels int, s Spec) *pixel {
	padded := channels + s.Size - 1
	clear(room)
	return &pixel{s, room[:padded], room[padded : 2*padded], room[2*padded : 2*padded+channels], room[2*padded+channels:]}
}

// pixels calls f for each pixel of [lo,hi) elements of every tile, with work space of the tile's own.
func pixels(n, channels int, s Spec, f func(p *pixel, lo, hi int)) {
	if n == 0 {
		return
	}
	kernels.Tiles(n/channels, max(1, tileFloats/channels), func(lo, hi int) {
		room := kernels.BorrowHost[float64](roomFor(channels, s))
		p := newPixel(room, channels, s)
		for i := lo; i < hi; i++ {
			f(p, i*channels, (i+1)*channels)
		}
		kernels.ReturnHost(room)
	})
}

func forward[T kernels.Float](y, x []T, channels int, s Spec) {
	pixels(len(x), channels, s, func(p *pixel, lo, hi int) {
		factors(p, x[lo:hi])
		to := y[lo:hi]
		for c, v := range x[lo:hi] {
			to[c] = T(float64(v) * p.factor[c])
		}
	})
}

func backward[T kernels.Float](dx, dy, x []T, channels int, s Spec) {
	twice := 2 * s.share() * s.Beta
	pixels(len(x), channels, s, func(p *pixel, lo, hi int) {
		x, dy, dx := x[lo:hi], dy[lo:hi], dx[lo:hi]
		factors(p, x)
		inner := p.ratios[p.half():][:len(x)]
		for c, v := range x {
			inner[c] = float64(dy[c]) * float64(v) * p.factor[c] / p.scale[c]
		}
		windows(p.scale, p.ratios, p.Size)
		for c, v := range x {
			dx[c] = T(float64(dy[c])*p.factor[c] - twice*float64(v)*p.scale[c])
		}
	})
}

// factors fills squares, scale and factor of one pixel.
func factors[T kernels.Float](p *pixel, x []T) {
	inner := p.squares[p.half():][:len(x)]
	for c, v := range x {
		inner[c] = float64(v) * float64(v)
	}
	windows(p.scale, p.squares, p.Size)
	share, factor := p.share(), p.factor[:len(p.scale)]
	for c, v := range p.scale {
		p.scale[c] = p.K + share*v
	}
	if p.Beta == 0.75 { // every published network uses it: two roots take a fraction of a power's time
		for c, v := range p.scale {
			root := math.Sqrt(v)
			factor[c] = 1 / (root * math.Sqrt(root))
		}
		return
	}
	for c, v := range p.scale {
		factor[c] = math.Pow(v, -p.Beta)
	}
}

// windows adds up size neighbours each: sum[c] is that of padded[c:c+size]. Adding whole rows to each other needs no inner
// loop of five steps.
func windows(sum, padded []float64, size int) {
	copy(sum, padded)
	for d := 1; d < size; d++ {
		next := padded[d:][:len(sum)]
		for c, v := range next {
			sum[c] += v
		}
	}
}

package rope

import (
	"math"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
)

// tileFloats is how many elements a tile has, roughly: whole tokens that a core's second cache holds, enough for a call of a loop in C.
const tileFloats = 1 << 15

// table is Table on one core: a network computes it once a step.
func table[T kernels.Float](cos, sin []T, half, h, w int, base float64) {
	for i := range cos {
		patch, column := i/half, i%half
		place := 2*(float64(patch/w)+0.5)/float64(h) - 1
		if column >= half/2 {
			place = 2*(float64(patch%w)+0.5)/float64(w) - 1
		}
		period := math.Pow(base, 2*float64(column%(half/2))/float64(half))
		s, c := math.Sincos(2 * math.Pi * place / period)
		cos[i], sin[i] = T(c), T(s)
	}
}

// forwardLoop is the reference: x cos + rotate_half(x) sin, element by element.
func forwardLoop(y, x, cos, sin []float64, s sizes) {
	d := 2 * s.half
	for i, v := range x {
		column, token := i%(3*s.width()), i/(3*s.width())%s.tokens
		y[i] = v
		if token < s.prefix || column >= 2*s.width() {
			continue
		}
		at := (token-s.prefix)*s.half + column%s.half
		turned := x[i-column%d+(column+s.half)%d]
		if column%d < s.half {
			turned = -turned
		}
		y[i] = v*cos[at] + turned*s.sign*sin[at]
	}
}

// rotateRows computes tiles of tokens, none of which holds tokens of two images.
func rotateRows[T kernels.Float](y, x, cos, sin []T, s sizes) {
	line := 3 * s.width()
	if len(x) == 0 {
		return
	}
	parts := kernels.TileCount(s.tokens, max(1, tileFloats/line))
	step := kernels.TileCount(s.tokens, parts)
	kernels.Tiles(len(x)/line/s.tokens*parts, 1, func(t, _ int) {
		image, lo := t/parts*s.tokens, t%parts*step
		hi := min(lo+step, s.tokens)
		first := min(max(lo, s.prefix), hi)
		copy(y[(image+lo)*line:(image+first)*line], x[(image+lo)*line:(image+first)*line])
		if first < hi {
			at, end := (first-s.prefix)*s.half, (hi-s.prefix)*s.half
			tokens(y[(image+first)*line:(image+hi)*line], x[(image+first)*line:(image+hi)*line], cos[at:end], sin[at:end], s)
		}
	})
}

// tokens rotates rows that all have a row of the tables, by the C compiler's vectors where the build has them, else by the Go loop,
// which gives the same bits on amd64.
func tokens[T kernels.Float](y, x, cos, sin []T, s sizes) {
	if vector.Available() && kernels.TypeOf[T]() == kernels.Float32 {
		f := kernels.AsFloat32[T]
		vector.RotateRows(f(y), f(x), f(cos), f(sin), s.half, s.heads, float32(s.sign))
		return
	}
	plainTokens(y, x, cos, sin, s)
}

func plainTokens[T kernels.Float](y, x, cos, sin []T, s sizes) {
	line, sign := 3*s.width(), T(s.sign)
	for ; len(x) > 0; x, y, cos, sin = x[line:], y[line:], cos[s.half:], sin[s.half:] {
		for h := 0; h < 2*s.width(); h += 2 * s.half {
			a, b := x[h:][:s.half], x[h+s.half:][:s.half]
			p, q := y[h:][:s.half], y[h+s.half:][:s.half]
			for j, u := range a {
				v, c, n := b[j], cos[j], sign*sin[j]
				p[j], q[j] = u*c-v*n, v*c+u*n
			}
		}
		copy(y[2*s.width():line], x[2*s.width():line])
	}
}

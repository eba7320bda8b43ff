package pool

import (
	"math"

	"udml-gpu/kernels"
)

// gemLoop is the reference, element by element; GeMBackward is held against finite differences of it.
func gemLoop(y, x []float64, m maps, g Power) {
	for i := range y {
		n, c, sum := i/m.channels, i%m.channels, 0.0
		for p := range m.pixels {
			sum += math.Pow(max(x[(n*m.pixels+p)*m.channels+c], g.Least), g.P)
		}
		y[i] = math.Pow(sum/float64(m.pixels), 1/g.P)
	}
}

func gem[T kernels.Float](y, x []T, m maps, g Power) {
	image := m.pixels * m.channels
	kernels.Tiles(m.n, imagesOf[T](image), func(lo, hi int) {
		for n := lo; n < hi; n++ {
			mean := y[n*m.channels:][:m.channels]
			clear(mean)
			for p := range m.pixels {
				addPowers(mean, x[n*image+p*m.channels:][:m.channels], g)
			}
			for c, sum := range mean {
				mean[c] = root(sum/T(m.pixels), g.P)
			}
		}
	})
}

// addPowers adds a pixel's powers. Every use so far has P = 3: two products take a fraction of a power's time.
func addPowers[T kernels.Float](sum, pixel []T, g Power) {
	sum, least := sum[:len(pixel)], T(g.Least)
	if g.P == 3 {
		for c, v := range pixel {
			v = max(v, least)
			sum[c] += v * v * v
		}
		return
	}
	for c, v := range pixel {
		sum[c] += T(math.Pow(float64(max(v, least)), g.P))
	}
}

func root[T kernels.Float](v T, power float64) T {
	if power == 3 {
		return T(math.Cbrt(float64(v)))
	}
	return T(math.Pow(float64(v), 1/power))
}

// gemGradient is the arrays of GeMBackward.
type gemGradient[T kernels.Float] struct{ dx, dy, x, y []T }

func (b gemGradient[T]) run(m maps, g Power, accumulate bool) {
	image := m.pixels * m.channels
	kernels.Tiles(m.n, imagesOf[T](image), func(lo, hi int) {
		if !accumulate {
			clear(b.dx[lo*image : hi*image])
		}
		share := kernels.BorrowHost[T](m.channels)
		for n := lo; n < hi; n++ {
			copy(share, b.dy[n*m.channels:])
			divide(share, T(m.pixels))
			mean := b.y[n*m.channels:][:m.channels]
			for p := range m.pixels {
				at := n*image + p*m.channels
				addRatios(b.dx[at:][:m.channels], share, b.x[at:], mean, g)
			}
		}
		kernels.ReturnHost(share)
	})
}

// addRatios adds share (x/mean)^(P-1) to the gradient of one pixel.
func addRatios[T kernels.Float](dx, share, x, mean []T, g Power) {
	share, x, mean = share[:len(dx)], x[:len(dx)], mean[:len(dx)]
	least, cubes := T(g.Least), g.P == 3
	for c, v := range x {
		if !(v >= least) {
			continue
		}
		r := v / mean[c]
		if cubes {
			dx[c] += share[c] * (r * r)
		} else {
			dx[c] += share[c] * T(math.Pow(float64(r), g.P-1))
		}
	}
}

package pool

import "udml-gpu/kernels"

// globalMaxLoop is the reference, element by element.
func globalMaxLoop[T kernels.Float](y []T, at []int32, x []T, m maps) {
	for i := range y {
		n, c := i/m.channels, i%m.channels
		y[i], at[i] = x[n*m.pixels*m.channels+c], 0
		for p := range m.pixels {
			if v := x[(n*m.pixels+p)*m.channels+c]; v > y[i] || v != v {
				y[i], at[i] = v, int32(p)
			}
		}
	}
}

// globalMax goes over the pixels outside and over the channels inside, so that it reads a map from end to end.
func globalMax[T kernels.Float](y []T, at []int32, x []T, m maps) {
	image := m.pixels * m.channels
	kernels.Tiles(m.n, imagesOf[T](image), func(lo, hi int) {
		for n := lo; n < hi; n++ {
			best, where := y[n*m.channels:][:m.channels], at[n*m.channels:][:m.channels]
			copy(best, x[n*image:])
			clear(where)
			for p := range m.pixels {
				highest(best, where, x[n*image+p*m.channels:][:m.channels], int32(p))
			}
		}
	})
}

// highest takes over the elements of pixel p that are larger, or NaN.
func highest[T kernels.Float](best []T, where []int32, pixel []T, p int32) {
	best, where = best[:len(pixel)], where[:len(pixel)]
	for c, v := range pixel {
		if v > best[c] || v != v {
			best[c], where[c] = v, p
		}
	}
}

func globalMaxBackward[T kernels.Float](dx, dy []T, at []int32, m maps, accumulate bool) {
	image := m.pixels * m.channels
	kernels.Tiles(m.n, imagesOf[T](image), func(lo, hi int) {
		if !accumulate {
			clear(dx[lo*image : hi*image])
		}
		for n := lo; n < hi; n++ {
			to, where := dx[n*image:][:image], at[n*m.channels:]
			for c, v := range dy[n*m.channels:][:m.channels] {
				to[int(where[c])*m.channels+c] += v
			}
		}
	})
}

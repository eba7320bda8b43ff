package join

import "udml-gpu/kernels"

// place writes x's rows of width w into columns [at, at+w) of y, whose rows have width c.
func place[T kernels.Element](y, x []T, c, at, w int) {
	if w == 0 {
		return
	}
	kernels.Tiles(len(x)/w, max(1, tile/w), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			copy(y[i*c+at:i*c+at+w], x[i*w:(i+1)*w])
		}
	})
}

// take is place backwards: columns [at, at+w) of y's rows become x's rows.
func take[T kernels.Element](x, y []T, c, at, w int) {
	if w == 0 {
		return
	}
	kernels.Tiles(len(x)/w, max(1, tile/w), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			copy(x[i*w:(i+1)*w], y[i*c+at:i*c+at+w])
		}
	})
}

func add[T kernels.Float](y, a, b []T) {
	kernels.Tiles(len(y), tile, func(lo, hi int) {
		y, a, b := y[lo:hi], a[lo:hi], b[lo:hi]
		for ; len(y) >= 4 && len(a) >= 4 && len(b) >= 4; y, a, b = y[4:], a[4:], b[4:] {
			y[0], y[1], y[2], y[3] = a[0]+b[0], a[1]+b[1], a[2]+b[2], a[3]+b[3]
		}
		for i := range y {
			y[i] = a[i] + b[i]
		}
	})
}

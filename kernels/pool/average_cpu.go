package pool

import (
	"unsafe"

	"udml-gpu/kernels"
)

// averageLoop is the reference.
func averageLoop[T kernels.Float](y, x []T, g geometry) {
	for i := range y {
		c, ox, oy, n := i%g.c, i/g.c%g.ow, i/g.c/g.ow%g.oh, i/g.c/g.ow/g.oh
		top, bottom := g.window(oy, g.h)
		left, right := g.window(ox, g.w)
		sum := T(0)
		for r := top; r < bottom; r++ {
			for q := left; q < right; q++ {
				sum += x[((n*g.h+r)*g.w+q)*g.c+c]
			}
		}
		y[i] = sum / T(g.area(oy, ox))
	}
}

// area is the number of pixels of a window that lie in the map or its padding: fewer only for a window that Ceil lets
// reach over the far edge.
func (g *geometry) area(oy, ox int) int {
	rows := min(g.Kernel, g.h+2*g.Pad-oy*g.Stride)
	cols := min(g.Kernel, g.w+2*g.Pad-ox*g.Stride)
	return rows * cols
}

func average[T kernels.Float](y, x []T, g geometry) {
	if len(y) == 0 {
		return
	}
	kernels.Tiles(g.n*g.oh, lines[T](&g), func(lo, hi int) {
		for line := lo; line < hi; line++ {
			image := x[line/g.oh*g.h*g.w*g.c:][:g.h*g.w*g.c]
			for ox := range g.ow {
				averageWindow(y[(line*g.ow+ox)*g.c:][:g.c], image, &g, line%g.oh, ox)
			}
		}
	})
}

// averageWindow is one window of an image, all channels.
func averageWindow[T kernels.Float](y, image []T, g *geometry, oy, ox int) {
	top, bottom := g.window(oy, g.h)
	left, right := g.window(ox, g.w)
	clear(y)
	for r := top; r < bottom; r++ {
		for q := left; q < right; q++ {
			pixel := image[(r*g.w+q)*g.c:][:len(y)]
			for c, v := range pixel {
				y[c] += v
			}
		}
	}
	divide(y, T(g.area(oy, ox)))
}

func divide[T kernels.Float](y []T, by T) {
	for c := range y {
		y[c] /= by
	}
}

// averageBackward works on whole images, because windows overlap.
func averageBackward[T kernels.Float](dx, dy []T, g geometry) {
	image, out := g.h*g.w*g.c, g.oh*g.ow*g.c
	kernels.Tiles(g.n, images[T](&g), func(lo, hi int) {
		clear(dx[lo*image : hi*image])
		share := kernels.BorrowHost[T](g.c)
		for n := lo; n < hi; n++ {
			spread(dx[n*image:(n+1)*image], dy[n*out:(n+1)*out], share, &g)
		}
		kernels.ReturnHost(share)
	})
}

// spread is averageBackward of one image; share is room for one pixel.
func spread[T kernels.Float](dx, dy, share []T, g *geometry) {
	for oy := range g.oh {
		top, bottom := g.window(oy, g.h)
		for ox := range g.ow {
			left, right := g.window(ox, g.w)
			copy(share, dy[(oy*g.ow+ox)*g.c:])
			divide(share, T(g.area(oy, ox)))
			for r := top; r < bottom; r++ {
				for q := left; q < right; q++ {
					addTo(dx[(r*g.w+q)*g.c:][:g.c], share)
				}
			}
		}
	}
}

func addTo[T kernels.Float](y, x []T) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += v
	}
}

// global adds the pixels of each image in order.
func global[T kernels.Float](y, x []T, n, pixels, channels int) {
	kernels.Tiles(n, imagesOf[T](pixels*channels), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			mean := y[i*channels:][:channels]
			clear(mean)
			for p := range pixels {
				addTo(mean, x[(i*pixels+p)*channels:][:channels])
			}
			divide(mean, T(pixels))
		}
	})
}

func globalBackward[T kernels.Float](dx, dy []T, n, pixels, channels int, accumulate bool) {
	kernels.Tiles(n, imagesOf[T](pixels*channels), func(lo, hi int) {
		share := kernels.BorrowHost[T](channels)
		for i := lo; i < hi; i++ {
			copy(share, dy[i*channels:])
			divide(share, T(pixels))
			for p := range pixels {
				pixel := dx[(i*pixels+p)*channels:][:channels]
				if accumulate {
					addTo(pixel, share)
				} else {
					copy(pixel, share)
				}
			}
		}
		kernels.ReturnHost(share)
	})
}

// imagesOf is the number of images of the given size in a tile.
func imagesOf[T kernels.Float](size int) int {
	return max(1, tileBytes/max(1, size*int(unsafe.Sizeof(*new(T)))))
}

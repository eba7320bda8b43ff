package pool

import (
	"math"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
)

// maximumLoop is the reference: torch's loop over a window.
func maximumLoop[T kernels.Float](y []T, at []uint8, x []T, g geometry) {
	for i := range y {
		c, ox, oy, n := i%g.c, i/g.c%g.ow, i/g.c/g.ow%g.oh, i/g.c/g.ow/g.oh
		top, bottom := g.window(oy, g.h)
		left, right := g.window(ox, g.w)
		best, pos := T(math.Inf(-1)), (top-oy*g.Stride+g.Pad)*g.Kernel+left-ox*g.Stride+g.Pad
		for r := top; r < bottom; r++ {
			for q := left; q < right; q++ {
				if v := x[((n*g.h+r)*g.w+q)*g.c+c]; v > best || v != v {
					best, pos = v, (r-oy*g.Stride+g.Pad)*g.Kernel+q-ox*g.Stride+g.Pad
				}
			}
		}
		y[i], at[i] = best, uint8(pos)
	}
}

func maximum[T kernels.Float](y []T, at []uint8, x []T, g geometry) {
	if len(y) == 0 {
		return
	}
	fast := vector.Available() && kernels.TypeOf[T]() == kernels.Float32
	kernels.Tiles(g.n*g.oh, lines[T](&g), func(lo, hi int) {
		for line := lo; line < hi; line++ {
			n, oy := line/g.oh, line%g.oh
			image := x[n*g.h*g.w*g.c:][:g.h*g.w*g.c]
			first, end := line*g.ow*g.c, (line+1)*g.ow*g.c
			if fast {
				top, bottom := g.window(oy, g.h)
				vector.MaxLine(kernels.AsFloat32(y[first:end]), at[first:end], kernels.AsFloat32(image), vector.Windows{
					Width: g.w, Channels: g.c, Count: g.ow, Kernel: g.Kernel, Stride: g.Stride, Pad: g.Pad,
					Row: oy*g.Stride - g.Pad, Top: top, Bottom: bottom,
				})
			} else {
				maximumLine(y[first:end], at[first:end], image, &g, oy)
			}
		}
	})
}

// maximumLine goes over the window outside and over the channels inside, so that it reads pixels from end to end.
func maximumLine[T kernels.Float](y []T, at []uint8, image []T, g *geometry, oy int) {
	for ox := range g.ow {
		maximumWindow(y[ox*g.c:][:g.c], at[ox*g.c:][:g.c], image, g, oy, ox)
	}
}

// maximumWindow is one window of an image, all channels.
func maximumWindow[T kernels.Float](y []T, at []uint8, image []T, g *geometry, oy, ox int) {
	top, bottom := g.window(oy, g.h)
	left, right := g.window(ox, g.w)
	pos := uint8((top-oy*g.Stride+g.Pad)*g.Kernel + left - ox*g.Stride + g.Pad)
	copy(y, image[(top*g.w+left)*g.c:])
	for i := range at {
		at[i] = pos
	}
	if kernels.TypeOf[T]() == kernels.Float32 && !higher32(kernels.AsFloat32(y), at, kernels.AsFloat32(image), g, oy, ox) {
		return
	}
	for r := top; r < bottom; r++ {
		for q := left; q < right; q++ {
			pos := uint8((r-oy*g.Stride+g.Pad)*g.Kernel + q - ox*g.Stride + g.Pad)
			higher(y, at, image[(r*g.w+q)*g.c:][:g.c], pos)
		}
	}
}

// higher takes over the elements of pixel that are larger, or NaN.
func higher[T kernels.Float](y []T, at []uint8, pixel []T, pos uint8) {
	for i, v := range pixel {
		if v > y[i] || v != v {
			y[i], at[i] = v, pos
		}
	}
}

// higher32 goes through the window but for its first pixel, which y holds, and reports whether there was a NaN after
// it: then the window has to be gone through again.
func higher32(y []float32, at []uint8, image []float32, g *geometry, oy, ox int) (nan bool) {
	top, bottom := g.window(oy, g.h)
	left, right := g.window(ox, g.w)
	signs, q := uint32(0), left+1
	for r := top; r < bottom; r++ {
		for ; q < right; q++ {
			pos := uint8((r-oy*g.Stride+g.Pad)*g.Kernel + q - ox*g.Stride + g.Pad)
			signs |= higherNumber(y, at, image[(r*g.w+q)*g.c:][:g.c], pos)
		}
		q = left
	}
	return signs>>31 != 0
}

// higherNumber takes over the elements of pixel that are larger. Which are is as random as the data, so there is no
// branch: the compiler makes conditional moves of
// integers, but not of bytes. The result's top bit says that pixel holds a NaN.
func higherNumber(y []float32, at []uint8, pixel []float32, pos uint8) uint32 {
	const largest = 1<<31 - 1 - 0x7f800000 // added to the bits of |v|, sets the top bit for NaN alone
	y, at = y[:len(pixel)], at[:len(pixel)]
	signs := uint32(0)
	for i, v := range pixel {
		bits := math.Float32bits(v)
		signs |= bits&^(1<<31) + largest
		best, where := math.Float32bits(y[i]), uint32(at[i])
		if v > y[i] {
			best = bits
		}
		if v > y[i] {
			where = uint32(pos)
		}
		y[i], at[i] = math.Float32frombits(best), uint8(where)
	}
	return signs
}

// maximumBackward adds dy where the maxima were. A task is whole images, because windows overlap.
func maximumBackward[T kernels.Float](dx, dy []T, at []uint8, g geometry) {
	image, out := g.h*g.w*g.c, g.oh*g.ow*g.c
	kernels.Tiles(g.n, images[T](&g), func(lo, hi int) {
		clear(dx[lo*image : hi*image])
		for n := lo; n < hi; n++ {
			scatter(dx[n*image:(n+1)*image], dy[n*out:(n+1)*out], at[n*out:(n+1)*out], &g)
		}
	})
}

// scatter is maximumBackward of one image.
func scatter[T kernels.Float](dx, dy []T, at []uint8, g *geometry) {
	var offset [256]int // of each position in a window, in elements
	for pos := range g.Kernel * g.Kernel {
		offset[pos] = (pos/g.Kernel*g.w + pos%g.Kernel) * g.c
	}
	for oy := range g.oh {
		for ox := range g.ow {
			first := (oy*g.ow + ox) * g.c
			start := ((oy*g.Stride-g.Pad)*g.w + ox*g.Stride - g.Pad) * g.c
			grad, where := dy[first:first+g.c], at[first:first+g.c]
			where = where[:len(grad)]
			for c, v := range grad {
				dx[start+offset[where[c]]+c] += v
			}
		}
	}
}

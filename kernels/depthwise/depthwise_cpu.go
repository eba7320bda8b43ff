package depthwise

import (
	"unsafe"

	"udml-gpu/kernels"
)

// forwardLoop, dataLoop and weightsLoop are the reference: the definition, and the gradient of each of its products. Tests run them in
// float64.
func forwardLoop[T kernels.Float](y, x, w, b []T, g geometry) {
	for i := range y {
		y[i] = 0
		if b != nil {
			y[i] = b[i%g.c]
		}
	}
	eachTap(g, func(yi, xi, wi int) { y[yi] += w[wi] * x[xi] })
}

func dataLoop[T kernels.Float](dx, dy, w []T, g geometry, accumulate bool) {
	if !accumulate {
		clear(dx)
	}
	eachTap(g, func(yi, xi, wi int) { dx[xi] += w[wi] * dy[yi] })
}

func weightsLoop[T kernels.Float](dw, db, x, dy []T, g geometry) {
	clear(dw)
	clear(db)
	eachTap(g, func(yi, xi, wi int) { dw[wi] += dy[yi] * x[xi] })
	for i, v := range dy {
		db[i%g.c] += v
	}
}

// eachTap calls f for each product in a convolution, with the offsets of its output, input and weight.
func eachTap(g geometry, f func(yi, xi, wi int)) {
	for at := range g.n * g.oh * g.ow * g.c {
		c, j, i, n := at%g.c, at/g.c%g.ow, at/g.c/g.ow%g.oh, at/g.c/g.ow/g.oh
		for tap := range g.taps() {
			row, col := i*g.stride+tap/g.kw-g.before, j*g.stride+tap%g.kw-g.before
			if row >= 0 && row < g.h && col >= 0 && col < g.w {
				f(at, ((n*g.h+row)*g.w+col)*g.c+c, c*g.taps()+tap)
			}
		}
	}
}

// tileBytes is how much of the input a tile reads, roughly: what a second-level cache holds beside the outputs.
const tileBytes = 256 << 10

// lines is the number of lines of so many pixels in a tile, a function of the shape alone.
func lines[T kernels.Float](g *geometry, pixels int) int {
	return max(1, tileBytes/max(1, pixels*g.c*int(unsafe.Sizeof(*new(T)))))
}

// turn is v [cols,rows] = w [rows,cols] turned over: weights of channels to those of taps, and back.
func turn[T kernels.Float](v, w []T, rows, cols int) {
	for i := range rows {
		for j, e := range w[i*cols : (i+1)*cols] {
			v[j*rows+i] = e
		}
	}
}

// forward computes each output on its own, line by line.
func forward[T kernels.Float](y, x, w, b []T, g geometry) {
	if len(y) == 0 {
		return
	}
	v := kernels.BorrowHost[T](len(w))
	turn(v, w, g.c, g.taps())
	line := g.c * g.ow
	kernels.Tiles(g.n*g.oh, lines[T](&g, g.stride*g.w), func(lo, hi int) {
		for at := lo; at < hi; at++ {
			l, row, tap := g.below(at)
			correlate(y[at*line:(at+1)*line], x[row*g.w*g.c:], v, b, tap*g.kw, l)
		}
	})
	kernels.ReturnHost(v)
}

// below is the taps over a line of outputs, the first row of x that they read, and the first row of taps that lies in the image.
func (g *geometry) below(line int) (l run, row, tap int) {
	image, top := line/g.oh, line%g.oh*g.stride-g.before
	lo, hi := overlap(top, g.kh, g.h)
	l = run{
		Channels: g.c, Count: g.ow, Every: 1, Start: -g.before, Step: g.stride, Width: g.w,
		Rows: hi - lo, Cols: g.kw, Row: g.w, WeightRow: g.kw, Weight: 1,
	}
	if lo == hi {
		return l, 0, 0
	}
	return l, image*g.h + top + lo, lo
}

// overlap is the part [lo,hi) of a kernel of the given size, put at pixel start, that lies in an image of size pixels.
func overlap(start, kernel, size int) (lo, hi int) {
	lo = min(max(0, -start), kernel)
	return lo, max(lo, min(kernel, size-start))
}

// backwardData is a correlation of dy with the weights in reverse order. With a stride, the pixels of dx whose columns are equal
// modulo the stride meet the same taps, so that each such part of a line is a correlation of its own.
func backwardData[T kernels.Float](dx, dy, w []T, g geometry, accumulate bool) {
	if len(dx) == 0 {
		return
	}
	v := kernels.BorrowHost[T](len(w))
	turn(v, w, g.c, g.taps())
	line := g.c * g.w
	kernels.Tiles(g.n*g.h, lines[T](&g, g.ow), func(lo, hi int) {
		for at := lo; at < hi; at++ {
			rows := g.above(at%g.h, g.kh, g.oh)
			for first := range min(g.stride, g.w) {
				l, from, tap := g.columns(rows, first)
				l.Add = accumulate
				correlate(dx[at*line+first*g.c:(at+1)*line], dy[(at/g.h*g.oh+from)*g.ow*g.c:], v, nil, tap, l)
			}
		}
	})
	kernels.ReturnHost(v)
}

// met is the taps of one axis that an input pixel is under: count of them, at outputs from, from+1, ...; the first of them is tap,
// and the others lie stride taps before it each.
type met struct{ count, from, tap int }

// above finds them for a pixel, among outputs of size pixels.
func (g *geometry) above(pixel, kernel, size int) met {
	padded := pixel + g.before
	m := met{from: max(0, (padded-kernel)/g.stride+1)}
	if padded < kernel {
		m.from = 0
	}
	m.count = max(0, min(padded/g.stride, size-1)-m.from+1)
	m.tap = padded - m.from*g.stride
	return m
}

// columns is the correlation that gives the pixels first, first + stride, ... of a line, given the rows of taps that it is under; with it
// the first row of dy, and the place of the first weight.
func (g *geometry) columns(rows met, first int) (l run, from, tap int) {
	padded := first + g.before
	low := padded % g.stride // the lowest tap that meets these pixels; above it every stride-th does
	count := 0
	if low < g.kw {
		count = (g.kw-1-low)/g.stride + 1
	}
	l = run{
		Channels: g.c, Count: (g.w-1-first)/g.stride + 1, Every: g.stride,
		Start: padded/g.stride - (count - 1), Step: 1, Width: g.ow,
		Rows: rows.count, Cols: count, Row: g.ow, WeightRow: -g.stride * g.kw, Weight: -g.stride,
	}
	if l.Rows == 0 || l.Cols == 0 {
		l.Rows = 0
		return l, 0, 0
	}
	return l, rows.from, rows.tap*g.kw + low + (count-1)*g.stride
}

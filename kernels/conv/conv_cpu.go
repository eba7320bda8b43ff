package conv

import (
	"math"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// forwardLoop is the reference: the definition. Tests run it in float64.
func forwardLoop[T kernels.Float](y, x, w, b []T, g geometry, relu bool) {
	for i := range y {
		y[i] = 0
		if b != nil {
			y[i] = b[i%g.o]
		}
	}
	eachTap(g, func(yi, xi, wi int) { y[yi] += w[wi] * x[xi] })
	if relu {
		reluLoop(y)
	}
}

// eachTap calls f for each product in a convolution, with the offsets of its output, input and weight.
func eachTap(g geometry, f func(yi, xi, wi int)) {
	for at := range g.n * g.oh * g.ow * g.o {
		o, j, i, n := at%g.o, at/g.o%g.ow, at/g.o/g.ow%g.oh, at/g.o/g.ow/g.oh
		for tap := range g.patch() {
			c, q, p := tap%g.c, tap/g.c%g.kw, tap/g.c/g.kw
			row, col := i*g.stride+p-g.pad, j*g.stride+q-g.pad
			if row >= 0 && row < g.h && col >= 0 && col < g.w {
				f(at, ((n*g.h+row)*g.w+col)*g.c+c, o*g.patch()+tap)
			}
		}
	}
}

// forward computes tiles of lines; bias and ReLU are applied while the tile is in the cache.
func forward[T kernels.Float](y, x, w, b []T, g geometry, s Spec) {
	if len(y) == 0 {
		return
	}
	if s.Apart && g.fewRows() {
		forwardByRows(y, x, w, b, &g, s.ReLU)
		return
	}
	v := kernels.BorrowHost[T](len(w))
	transpose(v, w, g.o, g.patch())
	fused := b != nil && vector.Available() && kernels.TypeOf[T]() == kernels.Float32
	tile := func(lo, hi int) {
		out := y[lo*g.ow*g.o : hi*g.ow*g.o]
		if fused {
			convolve(out, x, v, &g, lo, hi, 0)
			vector.BiasFloor(kernels.AsFloat32(out), kernels.AsFloat32(b), lowest(s.ReLU))
			return
		}
		convolve(out, x, v, &g, lo, hi, fill(out, b))
		if s.ReLU {
			rectify(out)
		}
	}
	if s.Apart {
		tilesApart(&g, lines[T](&g), tile)
	} else {
		kernels.Tiles(g.n*g.oh, lines[T](&g), tile)
	}
	kernels.ReturnHost(v)
}

// lowest is the least value of an output: 0 after a ReLU.
func lowest(relu bool) float32 {
	if relu {
		return 0
	}
	return float32(math.Inf(-1))
}

// convolve computes lines [lo,hi) into out = beta out + patches v, with v [kh,kw,c,o]: the product is quickest when
// neither operand is transposed.
func convolve[T kernels.Float](out, x, v []T, g *geometry, lo, hi int, beta T) {
	rows, patch := (hi-lo)*g.ow, g.patch()
	if g.pointwise() {
		gemm.Block(false, false, rows, g.o, patch, 1, x[lo*g.ow*patch:], patch, v, g.o, beta, out, g.o)
		return
	}
	col := kernels.BorrowHost[T](rows * patch)
	lower(col, x, g, lo, hi)
	gemm.Block(false, false, rows, g.o, patch, 1, col, patch, v, g.o, beta, out, g.o)
	kernels.ReturnHost(col)
}

// transpose is v [cols,rows] = w [rows,cols] turned over, in squares that stay in the first-level cache.
func transpose[T kernels.Float](v, w []T, rows, cols int) {
	const side = 32
	kernels.Tiles(cols, side, func(lo, hi int) {
		for top := 0; top < rows; top += side {
			end := min(top+side, rows)
			for j := lo; j < hi; j++ {
				out := v[j*rows+top : j*rows+end]
				for i := range out {
					out[i] = w[(top+i)*cols+j]
				}
			}
		}
	})
}

// fill copies b into each row of out and returns the beta that adds to it; without b it does nothing and returns 0.
// Each copy is twice as long as the one before: few, long copies.
func fill[T kernels.Float](out, b []T) (beta T) {
	if b == nil {
		return 0
	}
	for n := copy(out, b); n < len(out); n *= 2 {
		copy(out[n:], out[:n])
	}
	return 1
}

// reluLoop is y = max(0, y), NaN kept.
func reluLoop[T kernels.Float](y []T) {
	for i, v := range y {
		if v <= 0 {
			y[i] = 0
		}
	}
}

// rectify is reluLoop without branches, which would be as random as the data: it works on bit patterns, because the
// compiler makes conditional moves of integers only.
func rectify[T kernels.Float](y []T) {
	if kernels.TypeOf[T]() != kernels.Float32 {
		reluLoop(y)
		return
	}
	s := kernels.AsFloat32(y)
	for i, v := range s {
		b := math.Float32bits(v)
		if v <= 0 {
			b = 0
		}
		s[i] = math.Float32frombits(b)
	}
}

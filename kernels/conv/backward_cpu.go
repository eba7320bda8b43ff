package conv

import (
	"unsafe"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
	"udml-gpu/kernels/act"
	"udml-gpu/kernels/gemm"
)

// backwardDataLoop and backwardWeightsLoop are the reference: the gradient of each product of Forward.
func backwardDataLoop[T kernels.Float](dx, dy, w []T, g geometry, accumulate bool) {
	if !accumulate {
		clear(dx)
	}
	eachTap(g, func(yi, xi, wi int) { dx[xi] += dy[yi] * w[wi] })
}

func backwardWeightsLoop[T kernels.Float](dw, db, x, dy []T, g geometry) {
	clear(dw)
	clear(db)
	eachTap(g, func(yi, xi, wi int) { dw[wi] += dy[yi] * x[xi] })
	for i, v := range dy {
		db[i%g.o] += v
	}
}

// backwardData is a convolution of dy with the kernel turned round when the stride is 1, which needs no adding up of
// overlapping patches; otherwise patches of gradients are computed and added to dx.
func backwardData[T kernels.Float](dx, dy, w []T, g geometry, accumulate bool) {
	switch {
	case len(dx) == 0:
	case g.pointwise():
		pointwiseData(dx, dy, w, g, betaOf[T](accumulate))
	case g.stride == 1 && g.pad < min(g.kh, g.kw) && g.kh == g.kw:
		turnedData(dx, dy, w, g, betaOf[T](accumulate))
	default:
		raisedData(dx, dy, w, g, accumulate)
	}
}

func betaOf[T kernels.Float](accumulate bool) T {
	if accumulate {
		return 1
	}
	return 0
}

// pointwiseData is dx = dy w.
func pointwiseData[T kernels.Float](dx, dy, w []T, g geometry, beta T) {
	kernels.Tiles(g.n*g.oh, lines[T](&g), func(lo, hi int) {
		rows := (hi - lo) * g.ow
		gemm.Block(false, false, rows, g.c, g.o, 1, dy[lo*g.ow*g.o:], g.o, w, g.c, beta, dx[lo*g.ow*g.c:], g.c)
	})
}

// turnedData convolves dy [N,OH,OW,O] with v[p,q,o,c] = w[o,kh-1-p,kw-1-q,c].
func turnedData[T kernels.Float](dx, dy, w []T, g geometry, beta T) {
	v := kernels.BorrowHost[T](len(w))
	taps := g.kh * g.kw
	for tap := range taps {
		for o := range g.o {
			copy(v[(tap*g.o+o)*g.c:][:g.c], w[(o*taps+taps-1-tap)*g.c:])
		}
	}
	back := geometry{
		n: g.n, h: g.oh, w: g.ow, c: g.o, oh: g.h, ow: g.w, o: g.c,
		kh: g.kh, kw: g.kw, stride: 1, pad: g.kh - 1 - g.pad,
	}
	kernels.Tiles(back.n*back.oh, lines[T](&back), func(lo, hi int) {
		convolve(dx[lo*back.ow*back.o:hi*back.ow*back.o], dy, v, &back, lo, hi, beta)
	})
	kernels.ReturnHost(v)
}

// raisedData computes patches dy w and adds them to dx. A task is whole images, because patches overlap.
func raisedData[T kernels.Float](dx, dy, w []T, g geometry, accumulate bool) {
	patch, tile := g.patch(), lines[T](&g)
	image := g.h * g.w * g.c
	kernels.Tiles(g.n, max(1, tile/max(g.oh, 1)), func(first, end int) {
		if !accumulate {
			clear(dx[first*image : end*image])
		}
		col := kernels.BorrowHost[T](tile * g.ow * patch)
		for lo := first * g.oh; lo < end*g.oh; lo += tile {
			hi := min(lo+tile, end*g.oh)
			gemm.Block(false, false, (hi-lo)*g.ow, patch, g.o, 1, dy[lo*g.ow*g.o:], g.o, w, patch, 0, col, patch)
			raise(dx, col, &g, lo, hi)
		}
		kernels.ReturnHost(col)
	})
}

// partBytes is the memory that the partial sums of a weight gradient may take together, and parts their number at most.
const (
	partBytes = 32 << 20
	parts     = 16
)

// partCount is the number of parts, but for rounding, of a weight gradient of n elements.
func partCount[T kernels.Float](n int) int {
	return max(4, min(parts, partBytes/(n*int(unsafe.Sizeof(*new(T))))))
}

// backwardWeights sums dy^T patches over parts of the lines, in each of them tile by tile. Where a patch does not fill
// vectors (first layers, of 3 channels), the transpose is computed, so that the filters run along the vectors. Where
// there is a y, gradients that ReLU blocks are masked in each tile, just before the tile is needed.
func backwardWeights[T kernels.Float](dw, db, x, dy, y []T, g geometry) {
	if len(dy) == 0 || len(dw) == 0 {
		maskAll(dy, y)
		clear(dw)
		gemm.SumRows(db, dy)
		return
	}
	chunk := kernels.TileCount(g.n*g.oh, partCount[T](len(dw)))
	count := kernels.TileCount(g.n*g.oh, chunk)
	sums := kernels.BorrowHost[T]((count + 1) * len(dw))
	biases := kernels.BorrowHost[T](count * len(db))
	turned := g.patch()%16 != 0
	kernels.Tiles(g.n*g.oh, chunk, func(lo, hi int) {
		part := lo / chunk
		weightPart(sums[part*len(dw):][:len(dw)], biases[part*len(db):][:len(db)], x, dy, y, &g, lo, hi, turned)
	})
	if turned {
		sum := sums[count*len(dw):]
		gemm.AddParts(sum, sums, count, 0)
		transpose(dw, sum, g.patch(), g.o)
	} else {
		gemm.AddParts(dw, sums, count, 0)
	}
	gemm.AddParts(db, biases, count, 0)
	kernels.ReturnHost(sums)
	kernels.ReturnHost(biases)
}

// weightPart is the sum over lines [first,end); dw is [patch,o] when turned. db may be empty.
func weightPart[T kernels.Float](dw, db, x, dy, y []T, g *geometry, first, end int, turned bool) {
	patch, tile := g.patch(), min(lines[T](g), end-first)
	var col []T
	if !g.pointwise() {
		col = kernels.BorrowHost[T](tile * g.ow * patch)
	}
	clear(db)
	beta := T(0)
	for lo := first; lo < end; lo += tile {
		hi := min(lo+tile, end)
		a, out := col, dy[lo*g.ow*g.o:hi*g.ow*g.o]
		if y != nil {
			act.Mask(out, y[lo*g.ow*g.o:hi*g.ow*g.o])
		}
		if g.pointwise() {
			a = x[lo*g.ow*patch:]
		} else {
			lower(col, x, g, lo, hi)
		}
		if turned {
			gemm.Block(true, false, patch, g.o, (hi-lo)*g.ow, 1, a, patch, out, g.o, beta, dw, g.o)
		} else {
			gemm.Block(true, false, g.o, patch, (hi-lo)*g.ow, 1, out, g.o, a, patch, beta, dw, patch)
		}
		addRows(db, out)
		beta = 1
	}
	kernels.ReturnHost(col)
}

// addRows adds each row of x to sum, which may be empty: then there is nothing to add.
func addRows[T kernels.Float](sum, x []T) {
	if vector.Available() && kernels.TypeOf[T]() == kernels.Float32 {
		vector.AddRows(kernels.AsFloat32(sum), kernels.AsFloat32(x))
		return
	}
	for i := 0; i < len(x) && len(sum) > 0; i += len(sum) {
		gemm.Axpy(1, x[i:i+len(sum)], sum)
	}
}

// maskAll is act.Mask on all cores, and nothing where there was no ReLU: y nil.
func maskAll[T kernels.Float](dy, y []T) {
	const tile = 1 << 14
	if y != nil {
		kernels.Tiles(len(y), tile, func(lo, hi int) { act.Mask(dy[lo:hi], y[lo:hi]) })
	}
}

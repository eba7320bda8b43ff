package depthwise

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// parts is the number of partial sums of a weight gradient.
const parts = 16

// backwardWeights is BackwardWeights on arrays of one type: sums over parts of the lines, added in order.
func backwardWeights[T kernels.Float](dw, db, x, dy *kernels.Array, s Spec) {
	out := kernels.Data[T](dy)
	gemm.SumRows(elements[T](db), out)
	if dw == nil {
		return
	}
	g := geometryOf("depthwise.BackwardWeights", dy, x, dw, s)
	weights := kernels.Data[T](dw)
	if len(out) == 0 || len(weights) == 0 {
		clear(weights)
		return
	}
	chunk := kernels.TileCount(g.n*g.oh, parts)
	count := kernels.TileCount(g.n*g.oh, chunk)
	sums, in, size := kernels.BorrowHost[T]((count+1)*len(weights)), kernels.Data[T](x), len(weights)
	kernels.Tiles(g.n*g.oh, chunk, func(lo, hi int) {
		sum := sums[lo/chunk*size:][:size]
		clear(sum)
		for at := lo; at < hi; at++ {
			l, row, tap := g.below(at)
			addWeights(sum[tap*g.kw*g.c:], out[at*g.ow*g.c:(at+1)*g.ow*g.c], in[row*g.w*g.c:], l)
		}
	})
	total := sums[count*size:]
	gemm.AddParts(total, sums, count, 0)
	turn(weights, total, g.taps(), g.c)
	kernels.ReturnHost(sums)
}

package attention

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// gradients is what backward reads and writes.
type gradients[T kernels.Float] struct {
	dq, dk, dv, dy, y, q, k, v matrix[T]
	lse                        []T
}

func gradientsOf[T kernels.Float](dq, dk, dv Operand, dy, y, lse *kernels.Array, q, k, v Operand) *gradients[T] {
	return &gradients[T]{
		dq: columns[T](dq), dk: columns[T](dk), dv: columns[T](dv), dy: columns[T](Operand{Array: dy}), y: columns[T](Operand{Array: y}),
		q: columns[T](q), k: columns[T](k), v: columns[T](v), lse: kernels.Data[T](lse),
	}
}

// backward gives a head to one core, which alone adds to its gradients: block of keys by block, and in each block of queries by
// block.
func backward[T kernels.Float](g *gradients[T], p *problem) {
	eachHead(p, func(row, key, col, at int) {
		n := min(p.keys, keyBlock)
		tile := min(p.queries, queryBlock) * n
		room := kernels.BorrowHost[T](2*tile + 2*p.dim*n + p.queries)
		h := head[T]{
			gradients: g, problem: p, row: row, key: key, col: col, lse: g.lse[at : at+p.queries],
			s: room[:tile], ds: room[tile : 2*tile], keys: room[2*tile : 2*tile+p.dim*n], values: room[2*tile+p.dim*n : 2*tile+2*p.dim*n],
			delta: room[2*tile+2*p.dim*n:],
		}
		for i := range h.delta {
			h.delta[i] = dot(g.dy.from(row+i, col)[:p.dim], g.y.from(row+i, col)[:p.dim])
		}
		blocks(p.keys, keyBlock, func(lo, hi int) {
			turn(h.keys, g.k.from(key+lo, col), hi-lo, p.dim, hi-lo, g.k.ld)
			turn(h.values, g.v.from(key+lo, col), hi-lo, p.dim, hi-lo, g.v.ld)
			blocks(p.queries, queryBlock, func(first, end int) { h.block(first, end, lo, hi) })
		})
		kernels.ReturnHost(room)
	})
}

// head is the work on one head of one image, with room for a block.
type head[T kernels.Float] struct {
	*gradients[T]
	*problem

	row, key, col int
	lse, delta    []T // a value for each query; delta: the products of its rows of dy and y
	s, ds         []T // logits, then probabilities, and their gradients
	keys, values  []T // the block's, turned over, because the library is quickest where neither factor is
}

// block adds what queries [first,end) and keys [lo,hi) of the head give to each gradient.
func (h *head[T]) block(first, end, lo, hi int) {
	rows, n, row, key := end-first, hi-lo, h.row+first, h.key+lo
	q, k, dy := h.q.from(row, h.col), h.k.from(key, h.col), h.dy.from(row, h.col)
	gemm.Block(false, false, rows, n, h.dim, T(h.scale), q, h.q.ld, h.keys, n, 0, h.s, n)
	gemm.Block(false, false, rows, n, h.dim, 1, dy, h.dy.ld, h.values, n, 0, h.ds, n)
	softmaxGradientRows(h.s, h.ds, h.lse[first:end], h.delta[first:end], T(h.scale), n, n)
	if h.dv.data != nil {
		gemm.Block(true, false, n, h.dim, rows, 1, h.s, n, dy, h.dy.ld, laterBlock[T](first), h.dv.from(key, h.col), h.dv.ld)
	}
	if h.dk.data != nil {
		gemm.Block(true, false, n, h.dim, rows, 1, h.ds, n, q, h.q.ld, laterBlock[T](first), h.dk.from(key, h.col), h.dk.ld)
	}
	if h.dq.data != nil {
		gemm.Block(false, false, rows, h.dim, n, 1, h.ds, n, k, h.k.ld, laterBlock[T](lo), h.dq.from(row, h.col), h.dq.ld)
	}
}

// laterBlock is the beta of a sum's next term: 0 for the first, which overwrites.
func laterBlock[T kernels.Float](from int) T {
	if from == 0 {
		return 0
	}
	return 1
}

// dot is the product of two vectors of one length, in four sums.
func dot[T kernels.Float](x, y []T) T {
	var a, b, c, d T
	y = y[:len(x)]
	j := 0
	for ; j+4 <= len(x); j += 4 {
		a, b, c, d = a+x[j]*y[j], b+x[j+1]*y[j+1], c+x[j+2]*y[j+2], d+x[j+3]*y[j+3]
	}
	for ; j < len(x); j++ {
		a += x[j] * y[j]
	}
	return (a + b) + (c + d)
}

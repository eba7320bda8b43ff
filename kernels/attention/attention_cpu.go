package attention

import (
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// matrix is an operand's elements, from the first column on, and the distance between its rows.
type matrix[T kernels.Float] struct {
	data []T
	ld   int
}

// columns is the operand's matrix; without data where it has no array.
func columns[T kernels.Float](o Operand) matrix[T] {
	if o.Array == nil || o.Array.Len() == 0 {
		return matrix[T]{}
	}
	return matrix[T]{kernels.Data[T](o.Array)[o.Column:], o.Array.Dim(2)}
}

// from is the matrix from that row and column on.
func (m matrix[T]) from(row, col int) []T { return m.data[row*m.ld+col:] }

// The blocks of a head's logits: 128 queries by 512 keys are 256 KiB, which stay in a core's second-level cache with the blocks of
// keys and values beside them. Up to 512 keys, as of a 352 x 352 image in patches of 16, nothing needs scaling.
const (
	queryBlock = 128
	keyBlock   = 512
)

// blocks calls f for blocks of at most limit of n rows, of about the same size.
func blocks(n, limit int, f func(lo, hi int)) {
	step := kernels.TileCount(n, kernels.TileCount(n, limit))
	for lo := 0; lo < n; lo += step {
		f(lo, min(lo+step, n))
	}
}

// eachHead calls f for every head of every image, on all cores: row and key are the image's first, col the head's first column,
// at the place of its first query in lse.
func eachHead(p *problem, f func(row, key, col, at int)) {
	kernels.Tiles(p.images*p.heads, 1, func(t, _ int) {
		f(t/p.heads*p.queries, t/p.heads*p.keys, t%p.heads*p.dim, t*p.queries)
	})
}

// forward goes over a head's blocks of keys, and in each over its blocks of queries, whose sums so far are in y.
func forward[T kernels.Float](y, lse []T, q, k, v matrix[T], p *problem) {
	out := matrix[T]{y, p.width()}
	eachHead(p, func(row, key, col, at int) {
		width := min(p.keys, keyBlock)
		room := kernels.BorrowHost[T]((min(p.queries, queryBlock)+p.dim)*width + 3*p.queries)
		largest, sum, factor := room[:p.queries], room[p.queries:2*p.queries], room[2*p.queries:3*p.queries]
		turned, s := room[3*p.queries:], room[3*p.queries+p.dim*width:]
		clear(sum)
		for i := range largest {
			largest[i] = T(math.Inf(-1))
		}
		blocks(p.keys, keyBlock, func(lo, hi int) {
			n := hi - lo
			turn(turned, k.from(key+lo, col), n, p.dim, n, k.ld)
			blocks(p.queries, queryBlock, func(first, end int) {
				rows, to := end-first, out.from(row+first, col)
				gemm.Block(false, false, rows, n, p.dim, T(p.scale), q.from(row+first, col), q.ld, turned, n, 0, s, n)
				softmaxRows(s, largest[first:end], sum[first:end], factor[first:end], n, n)
				beta := T(0)
				if lo > 0 {
					beta = 1
					scaleRows(to, factor[first:end], p.dim, out.ld)
				}
				gemm.Block(false, false, rows, p.dim, n, 1, s, n, v.from(key+lo, col), v.ld, beta, to, out.ld)
			})
		})
		for i, total := range sum {
			lse[at+i] = T(float64(largest[i]) + math.Log(float64(total)))
			factor[i] = 1 / total
		}
		scaleRows(out.from(row, col), factor, p.dim, out.ld)
		kernels.ReturnHost(room)
	})
}

// scaleRows multiplies each row of cols elements, ld apart, by its factor.
func scaleRows[T kernels.Float](x, factor []T, cols, ld int) {
	for i, f := range factor {
		row := x[i*ld:][:cols]
		for j := range row {
			row[j] *= f
		}
	}
}

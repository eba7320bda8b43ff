package gemm

import "udml-gpu/kernels"

// product is one call of Gemm, with dense operands.
type product[T kernels.Float] struct {
	transA, transB bool
	m, n, k        int
	alpha, beta    T
	a, b, c        []T
}

// multiplyLoop is the reference: the definition, summed in float64.
func multiplyLoop[T kernels.Float](p product[T]) {
	for i := range p.m {
		for j := range p.n {
			s := 0.0
			for l := range p.k {
				s += float64(p.a[at(i, l, p.lda(), p.transA)]) * float64(p.b[at(l, j, p.ldb(), p.transB)])
			}
			v := float64(p.alpha) * s
			if p.beta != 0 {
				v += float64(p.beta) * float64(p.c[i*p.n+j])
			}
			p.c[i*p.n+j] = T(v)
		}
	}
}

func (p *product[T]) lda() int { return stored(p.transA, p.m, p.k) }
func (p *product[T]) ldb() int { return stored(p.transB, p.k, p.n) }

// stored is the row length in memory of a matrix whose op is rows x cols.
func stored(trans bool, rows, cols int) int {
	if trans {
		return rows
	}
	return cols
}

const (
	onePiece   = 1 << 20 // products of fewer multiplications are not worth a second goroutine
	wantPieces = 8       // enough to keep a few cores busy to the end
	longChunk  = 1024    // the shortest part of a long sum that is worth a partial result
	partialMax = 4 << 20 // elements of all partial results together
)

// multiply splits the product along whichever of rows, columns or sum is long; the shape alone decides. A bias [n] is added to each row,
// with alpha 1 and beta 0, unless it is nil.
func multiply[T kernels.Float](p product[T], bias []T) {
	if p.m*p.n*p.k < onePiece {
		p.piece(0, p.m, 0, p.n, bias)
		return
	}
	rows, cols := pieceSize(p.m, p.n)
	if kernels.TileCount(p.m, rows)*kernels.TileCount(p.n, cols) < wantPieces && p.k > 4*(p.m+p.n) {
		if chunk := chunkSize(p.m*p.n, p.k); chunk < p.k {
			if bias != nil {
				fillRows(p.c, bias)
				p.beta = 1
			}
			multiplyLong(p, chunk)
			return
		}
	}
	across := kernels.TileCount(p.n, cols)
	kernels.Tiles(kernels.TileCount(p.m, rows)*across, 1, func(t, _ int) {
		i, j := t/across*rows, t%across*cols
		p.piece(i, min(rows, p.m-i), j, min(cols, p.n-j), bias)
	})
}

// piece computes rows [i,i+m) and columns [j,j+n) of c.
func (p *product[T]) piece(i, m, j, n int, bias []T) {
	if bias == nil || m == 0 || n == 0 {
		p.block(i, m, j, n, 0, p.k, p.beta, p.c[min(i*p.n+j, len(p.c)):])
		return
	}
	lda, ldb := p.lda(), p.ldb()
	a, b := p.a[min(at(i, 0, lda, p.transA), len(p.a)):], p.b[min(at(0, j, ldb, p.transB), len(p.b)):]
	biased(p.transA, p.transB, m, n, p.k, a, lda, b, ldb, bias[j:j+n], p.c[i*p.n+j:], p.n)
}

// pieceSize is the size of the parts of c: large, so that packing operands is cheap beside multiplying them,
// halved until there are wantPieces of them.
func pieceSize(m, n int) (rows, cols int) {
	rows, cols = 512, 1024
	for kernels.TileCount(m, rows)*kernels.TileCount(n, cols) < wantPieces {
		switch {
		case min(rows, m) >= min(cols, n) && rows > 64:
			rows /= 2
		case cols > 64:
			cols /= 2
		default:
			return rows, cols
		}
	}
	return rows, cols
}

// chunkSize is the part of a sum of length k that is kept apart, for a result of the given size.
func chunkSize(size, k int) int {
	parts := min(2*wantPieces, k/longChunk, partialMax/max(size, 1))
	if parts < 2 {
		return k
	}
	return (k + parts - 1) / parts
}

// multiplyLong splits the sum: each chunk of it has its own result, and these are added in order.
func multiplyLong[T kernels.Float](p product[T], chunk int) {
	size := p.m * p.n
	parts := kernels.TileCount(p.k, chunk)
	partial := kernels.BorrowHost[T](parts * size)
	kernels.Tiles(p.k, chunk, func(lo, hi int) {
		p.block(0, p.m, 0, p.n, lo, hi-lo, 0, partial[lo/chunk*size:])
	})
	AddParts(p.c, partial, parts, p.beta)
	kernels.ReturnHost(partial)
}

// block computes rows [i,i+m) and columns [j,j+n) from terms [l,l+k) of the sum into c, whose rows are p.n apart.
func (p *product[T]) block(i, m, j, n, l, k int, beta T, c []T) {
	if p.k == 0 || m == 0 || n == 0 {
		scaleLoop(m, n, beta, c, p.n)
		return
	}
	lda, ldb := p.lda(), p.ldb()
	Block(p.transA, p.transB, m, n, k, p.alpha, p.a[at(i, l, lda, p.transA):], lda, p.b[at(l, j, ldb, p.transB):], ldb, beta, c, p.n)
}

// AddParts is c = beta c + parts[0] + parts[1] + ..., in this order, where parts holds count results of c's size.
// With beta 0 the old c is not read. It uses all cores.
func AddParts[T kernels.Float](c, parts []T, count int, beta T) {
	const tile = 1 << 13
	if len(c) <= tile {
		addParts(c, parts, count, beta, 0, len(c))
		return
	}
	kernels.Tiles(len(c), tile, func(lo, hi int) { addParts(c, parts, count, beta, lo, hi) })
}

// addParts is AddParts on elements [lo,hi).
func addParts[T kernels.Float](c, parts []T, count int, beta T, lo, hi int) {
	out := c[lo:hi]
	if beta == 0 {
		copy(out, parts[lo:hi])
	} else {
		scaleLoop(1, hi-lo, beta, out, hi-lo)
		Axpy(1, parts[lo:hi], out)
	}
	for part := 1; part < count; part++ {
		Axpy(1, parts[part*len(c)+lo:part*len(c)+hi], out)
	}
}

// scaleLoop is c = beta c; with beta 0 the old c, NaN included, is not read.
func scaleLoop[T kernels.Float](m, n int, beta T, c []T, ldc int) {
	if beta == 1 {
		return
	}
	for i := range m {
		row := c[i*ldc:][:n]
		if beta == 0 {
			clear(row)
			continue
		}
		for j := range row {
			row[j] *= beta
		}
	}
}

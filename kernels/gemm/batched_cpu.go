package gemm

import "udml-gpu/kernels"

// The parts of a product of a batch. The library packs both factors of a product, so that narrow parts cost more: of 197 x 384 and
// 384 x 1536, parts of 768 columns take 1.02 times as long as the whole, and of 256 columns 1.1 times. Two parts keep two cores
// busy with a single product.
const (
	partRows = 512
	partCols = 768
)

// eachPart calls f for every part of every product of a batch, on all cores: rows [i,i+height) and columns [j,j+width). Each product is
// cut at the same places, whatever their number.
func eachPart(count, m, n int, f func(batch, i, j, height, width int)) {
	down, across := kernels.TileCount(m, partRows), kernels.TileCount(n, partCols)
	if count*m*n == 0 {
		return
	}
	rows, cols := kernels.TileCount(m, down), kernels.TileCount(n, across)
	kernels.Tiles(count*down*across, 1, func(t, _ int) {
		i, j := t/across%down*rows, t%across*cols
		f(t/across/down, i, j, min(rows, m-i), min(cols, n-j))
	})
}

// batched computes part by part; the library reads and writes the matrices where they lie.
func batched[T kernels.Float](c, a, b Stack, p Batch) {
	eachPart(p.Count, p.M, p.N, func(batch, i, j, height, width int) {
		Block(p.TransA, p.TransB, height, width, p.K, T(p.Alpha), part[T](a, batch, i, 0, p.TransA, p.K), a.Row,
			part[T](b, batch, 0, j, p.TransB, p.K), b.Row, T(p.Beta), part[T](c, batch, i, j, false, 1), c.Row)
	})
}

// part is the elements of op of a matrix from that row and column on; none of a factor where sums have no terms.
func part[T kernels.Float](s Stack, batch, row, col int, trans bool, k int) []T {
	if k == 0 {
		return nil
	}
	return kernels.Data[T](s.Array)[s.Offset+batch*s.Step+at(row, col, s.Row, trans):]
}

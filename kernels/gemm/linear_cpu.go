package gemm

import "udml-gpu/kernels"

// fillRows copies row into each row of y.
func fillRows[T kernels.Float](y, row []T) {
	if len(row) == 0 {
		return
	}
	rows := len(y) / len(row)
	kernels.Tiles(rows, max(1, (1<<15)/len(row)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			copy(y[i*len(row):], row)
		}
	})
}

// SumRows is sum[j] = sum_i x[i,j] for x with rows of len(sum) elements, on all cores. Rows are added in chunks
// fixed by the shape, and the chunks in order.
func SumRows[T kernels.Float](sum, x []T) {
	cols := len(sum)
	if cols == 0 {
		return
	}
	rows := len(x) / cols
	chunk := max(1, (1<<15)/cols, (rows+63)/64)
	parts := kernels.TileCount(rows, chunk)
	if parts == 0 {
		clear(sum)
		return
	}
	partial := kernels.Borrow[T](parts * cols)
	kernels.Tiles(rows, chunk, func(lo, hi int) {
		part := partial[lo/chunk*cols:][:cols]
		copy(part, x[lo*cols:])
		for i := lo + 1; i < hi; i++ {
			Axpy(1, x[i*cols:(i+1)*cols], part)
		}
	})
	AddParts(sum, partial, parts, 0)
	kernels.Return(partial)
}

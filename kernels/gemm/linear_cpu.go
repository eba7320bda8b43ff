package gemm

import (
	"gonum.org/v1/gonum/blas/gonum"

	"udml-gpu/kernels"
)

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

func linear[T kernels.Float](y, x, w, b *kernels.Array) {
	multiply(product[T]{
		transB: true, m: y.Dim(0), n: w.Dim(0), k: w.Dim(1), alpha: 1, a: kernels.Data[T](x), b: kernels.Data[T](w), c: kernels.Data[T](y),
	}, elements[T](b))
}

// linearApart is LinearRows on all cores.
func linearApart[T kernels.Float](y, x, w, b []T, width int) {
	const rows = 8
	out := len(w) / max(width, 1)
	if len(y) == 0 || width == 0 {
		fillOrClear(y, b)
		return
	}
	kernels.Tiles(len(y)/out, rows, func(lo, hi int) {
		LinearRows(y[lo*out:hi*out], x[lo*width:hi*width], w, b, width)
	})
}

// LinearRows is y = x w^T + b for rows of x and w of the given width, at least 1, and b of len(w)/width or nil, in the calling
// goroutine: each element is a product of two vectors, summed the same way wherever it stands.
func LinearRows[T kernels.Float](y, x, w, b []T, width int) {
	out := len(w) / width
	for o := range out {
		from, start := w[o*width:(o+1)*width], T(0)
		if b != nil {
			start = b[o]
		}
		for i := o; i < len(y); i += out {
			y[i] = start + dot(x[i/out*width:][:width], from)
		}
	}
}

// fillOrClear is a linear layer without inputs.
func fillOrClear[T kernels.Float](y, b []T) {
	if b == nil {
		clear(y)
		return
	}
	fillRows(y, b)
}

// dot is the product of two vectors of one length, by gonum's vector code.
func dot[T kernels.Float](x, y []T) T {
	if kernels.TypeOf[T]() == kernels.Float32 {
		return T(gonum.Implementation{}.Sdot(len(x), cast[float32](x), 1, cast[float32](y), 1))
	}
	return T(gonum.Implementation{}.Ddot(len(x), cast[float64](x), 1, cast[float64](y), 1))
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
	partial := kernels.BorrowHost[T](parts * cols)
	kernels.Tiles(rows, chunk, func(lo, hi int) {
		part := partial[lo/chunk*cols:][:cols]
		copy(part, x[lo*cols:])
		for i := lo + 1; i < hi; i++ {
			Axpy(1, x[i*cols:(i+1)*cols], part)
		}
	})
	AddParts(sum, partial, parts, 0)
	kernels.ReturnHost(partial)
}

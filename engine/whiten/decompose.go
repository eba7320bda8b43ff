package whiten

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// SingularValues are the singular values of x [N,C] (float32 or float64, finite), largest first, min(N,C) of them; x is not centred.
// They come from the smaller Gram matrix in float64, so that those below 1e-8 of the largest are rounding errors. From a GPU, x is copied.
func SingularValues(x *kernels.Array) []float64 {
	x = onHost(x)
	gram := gramOf(x, make([]float64, x.Dim(1)))
	if gram.SymmetricDim() == 0 {
		return nil
	}
	values, ok := gemm.Symmetric(gram.SymmetricDim(), gram.RawSymmetric().Data)
	if !ok {
		return nil
	}
	return roots(values)
}

// roots are the square roots of ascending eigenvalues, largest first.
func roots(values []float64) []float64 {
	slices.Reverse(values)
	for i, v := range values {
		values[i] = math.Sqrt(max(v, 0))
	}
	return values
}

// decompose gives the singular values of x - mean, largest first, and the right singular vectors as columns of v.
func decompose(x *kernels.Array, mean []float64) (s []float64, v *mat.Dense, err error) {
	gram := gramOf(x, mean)
	size := gram.SymmetricDim()
	if size == 0 {
		return nil, nil, errDecomposition
	}
	rows := gram.RawSymmetric().Data
	values, ok := gemm.Symmetric(size, rows)
	if !ok {
		return nil, nil, errDecomposition
	}
	s = roots(values)
	sorted := mat.NewDense(size, size, nil)
	for k := range size {
		sorted.SetCol(k, rows[(size-1-k)*size:][:size])
	}
	if x.Dim(0) > x.Dim(1) {
		return s, sorted, nil
	}
	return s, rightVectors(x, mean, sorted, s), nil
}

// rightVectors turns left singular vectors u [N,N] into right ones: V = (x - mean)^T U S^-1.
func rightVectors(x *kernels.Array, mean []float64, u *mat.Dense, s []float64) *mat.Dense {
	n, c := x.Dim(0), x.Dim(1)
	centred := x.Device().New(kernels.Float64, n, c)
	defer centred.Free()
	centre(kernels.Data[float64](centred), x, mean, 0, n)
	v := mat.NewDense(c, n, nil)
	gemm.Gemm(wrap(x, v), centred, wrap(x, u), true, false, 1, 0)
	for k := range n {
		if s[k] > 0 {
			column := mat.Col(nil, k, v)
			for i := range column {
				column[i] /= s[k]
			}
			v.SetCol(k, column)
		}
	}
	return v
}

// wrap is a dense matrix as an array of x's device.
func wrap(x *kernels.Array, m *mat.Dense) *kernels.Array {
	r, c := m.Dims()
	return kernels.Wrap(x.Device(), m.RawMatrix().Data, r, c)
}

// gramRows is the number of rows converted to float64 at a time.
const gramRows = 1024

// gramOf is (x-mean)^T (x-mean) [C,C], or (x-mean) (x-mean)^T [N,N] where that is smaller.
func gramOf(x *kernels.Array, mean []float64) *mat.SymDense {
	n, c := x.Dim(0), x.Dim(1)
	out := gram(x.Device(), n, c, n > c, func(part []float64, lo, hi int) { centre(part, x, mean, lo, hi) })
	if size := min(n, c); size > 0 {
		return mat.NewSymDense(size, out)
	}
	return &mat.SymDense{}
}

// gram is r^T r [C,C] of n rows r of c numbers, or with columns false r r^T [N,N]; fill writes rows [lo,hi).
func gram(dev *kernels.Device, n, c int, columns bool, fill func(part []float64, lo, hi int)) []float64 {
	size, rows := c, min(n, gramRows)
	if !columns {
		size, rows = n, n
	}
	out, part := make([]float64, size*size), kernels.BorrowHost[float64](rows*c)
	defer kernels.ReturnHost(part)
	g := kernels.Wrap(dev, out, size, size)
	for lo := 0; lo < n; lo += rows {
		hi := min(lo+rows, n)
		fill(part, lo, hi)
		p := kernels.Wrap(dev, part[:(hi-lo)*c], hi-lo, c)
		gemm.Gemm(g, p, p, columns, !columns, 1, 1)
	}
	return out
}

// centre writes rows [lo,hi) of x, less the mean, to out.
func centre(out []float64, x *kernels.Array, mean []float64, lo, hi int) {
	eachRow(x, lo, hi, func(i int, row []float64) {
		to := out[(i-lo)*len(mean):][:len(mean)]
		for p, v := range row {
			to[p] = v - mean[p]
		}
	})
}

func columnMeans(x *kernels.Array) []float64 {
	mean := make([]float64, x.Dim(1))
	eachRow(x, 0, x.Dim(0), func(_ int, row []float64) {
		for p, v := range row {
			mean[p] += v
		}
	})
	for p := range mean {
		mean[p] /= float64(x.Dim(0))
	}
	return mean
}

// notFinite is the first row that holds a NaN or an infinity, or -1.
func notFinite(x *kernels.Array) int {
	first := -1
	eachRow(x, 0, x.Dim(0), func(i int, row []float64) {
		for _, v := range row {
			if first < 0 && v-v != 0 {
				first = i
			}
		}
	})
	return first
}

// eachRow calls f with rows [lo,hi) of x, in order, in float64.
func eachRow(x *kernels.Array, lo, hi int, f func(i int, row []float64)) {
	c := x.Dim(1)
	row := kernels.BorrowHost[float64](c)
	defer kernels.ReturnHost(row)
	for i := lo; i < hi; i++ {
		if x.DType() == kernels.Float64 {
			copy(row, kernels.Data[float64](x)[i*c:])
		} else {
			for p, v := range kernels.Data[float32](x)[i*c : (i+1)*c] {
				row[p] = float64(v)
			}
		}
		f(i, row)
	}
}

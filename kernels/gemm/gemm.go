// Package gemm multiplies matrices: on all cores for a whole array, and in one thread inside another op's tile.
//
// OpenBLAS computes where the machine has it, gonum's BLAS otherwise, and oneDNN, where there is one, the larger products of float32
// matrices. All run in one thread per tile, and tiles are fixed by the shape, so that a product has the same bits on any number of cores.
package gemm

import (
	"fmt"

	"udml-gpu/kernels"
)

// Gemm is C = alpha op(A) op(B) + beta C, as BLAS defines it:
//
//	c[i,j] = alpha sum_l op(a)[i,l] op(b)[l,j] + beta c[i,j]
//
// with c [m,n], op(a) [m,k], op(b) [k,n], where op transposes when its flag is set. All are float32 or all float64.
// With beta 0 the old c is not read, NaN included. Mismatched shapes panic. a and b may also be bfloat16, with c bfloat16 or float32, beta
// 0 and not both transposed: c is then rounded once.
//
// Error: |c - exact| <= (k+16) eps sum_l |a b|, eps 2^-24 or 2^-53. A long k is added in chunks fixed by the shape.
// 0 times NaN is NaN in OpenBLAS but may be 0 in gonum, whose loops skip zeros.
//
// On a GPU, float32 only, cuBLASLt multiplies where it is installed, the own kernels otherwise: to this bound with
// precision FP32, and with factors rounded to 2^-11 or 2^-8 of themselves with TF32 and BF16.
func Gemm(c, a, b *kernels.Array, transA, transB bool, alpha, beta float64) {
	m, n, k := c.Dim(0), c.Dim(1), depth(a, transA)
	kernels.WantShape("gemm.Gemm", "c", c, m, n)
	wantOperand("a", a, transA, m, k)
	wantOperand("b", b, transB, k, n)
	if a.DType() == kernels.BFloat16 {
		gemmStored(c, a, b, transA, transB, alpha, beta)
		return
	}
	switch kernels.PathOf("gemm.Gemm", c, a, b) {
	case kernels.OnGPU:
		multiplyCUDA(deviceProduct{transA: transA, transB: transB, m: m, n: n, k: k, alpha: alpha, beta: beta, a: a, b: b, c: c})
	case kernels.InFloat64:
		multiply(product[float64]{
			transA, transB, m, n, k, alpha, beta, kernels.Data[float64](a), kernels.Data[float64](b),
			kernels.Data[float64](c),
		}, nil)
	case kernels.InFloat32:
		multiply(product[float32]{
			transA, transB, m, n, k, float32(alpha), float32(beta), kernels.Data[float32](a), kernels.Data[float32](b),
			kernels.Data[float32](c),
		}, nil)
	}
}

// wantOperand panics unless op(a) is [rows,cols].
func wantOperand(name string, a *kernels.Array, trans bool, rows, cols int) {
	if trans {
		rows, cols = cols, rows
	}
	kernels.WantShape("gemm.Gemm", name, a, rows, cols)
}

// Block is Gemm on parts of larger row-major matrices, in the calling goroutine: for use inside a tile.
// lda, ldb, ldc are the distances between rows in memory. A slice too short for its matrix panics.
func Block[T kernels.Float](transA, transB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	if m == 0 || n == 0 {
		return
	}
	wantMatrix("a", len(a), lda, m, k, transA)
	wantMatrix("b", len(b), ldb, k, n, transB)
	wantMatrix("c", len(c), ldc, m, n, false)
	if k == 0 {
		scaleLoop(m, n, beta, c, ldc)
		return
	}
	switch kernels.TypeOf[T]() {
	case kernels.Float32:
		block32(transA, transB, m, n, k, float32(alpha), cast[float32](a), lda, cast[float32](b), ldb, float32(beta), cast[float32](c), ldc)
	case kernels.Float64:
		block64(transA, transB, m, n, k, float64(alpha), cast[float64](a), lda, cast[float64](b), ldb, float64(beta), cast[float64](c), ldc)
	}
}

// wantMatrix panics unless a slice of length have holds a rows x cols matrix (stored transposed when trans).
func wantMatrix(name string, have, ld, rows, cols int, trans bool) {
	if trans {
		rows, cols = cols, rows
	}
	if rows == 0 || cols == 0 {
		return
	}
	if need := (rows-1)*ld + cols; ld < cols || have < need {
		panic(fmt.Sprintf("gemm.Block: %s has %d elements, want %d for %d rows of %d, %d apart", name, have, need, rows, cols, ld))
	}
}

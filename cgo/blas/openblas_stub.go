//go:build !cgo || windows

package blas

// Available says whether OpenBLAS was found: never in a build without cgo.
func Available() bool { return false }

// Name is "": there is no library.
func Name() string { return "" }

// Refused is nil: there is no library.
func Refused() error { return nil }

// Remark is "": there is no library.
func Remark() string { return "" }

// Sgemm is never called, because Available is false.
func Sgemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int,
	beta float32, c []float32, ldc int,
) {
	panic("blas: Sgemm without OpenBLAS")
}

// Dgemm is never called, because Available is false.
func Dgemm(transA, transB bool, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int,
	beta float64, c []float64, ldc int,
) {
	panic("blas: Dgemm without OpenBLAS")
}

// Symmetric finds nothing: there is no library.
func Symmetric(int, []float64) (values []float64, ok bool) { return nil, false }

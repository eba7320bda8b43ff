//go:build cgo && !windows

package blas

/*
#include "symmetric.h"
*/
import "C"

import "unsafe"

// Symmetric gives the eigenvalues of the symmetric matrix a [n,n], ascending, and writes its eigenvectors over a: row k is that of
// value k, of length 1. It is LAPACK's dsyevd, in the calling thread. False where OpenBLAS is not there, holds no LAPACK, or fails: a is
// then of no use.
func Symmetric(n int, a []float64) (values []float64, ok bool) {
	if !Available() || C.udml_has_symmetric() == 0 || n < 1 {
		return nil, false
	}
	_ = a[n*n-1]
	values = make([]float64, n)
	if C.udml_symmetric(C.int(n), (*C.double)(unsafe.SliceData(a)), (*C.double)(unsafe.SliceData(values))) != 0 {
		return nil, false
	}
	return values, true
}

//go:build cgo && !windows

package blas

/*
#cgo linux LDFLAGS: -ldl
#include "openblas.h"
*/
import "C"

import (
	"os"
	"strings"
	"sync"
	"unsafe"
)

// open looks for the library once and describes it: "OpenBLAS 0.3.21 (SkylakeX)", or "" when there is none.
var open = sync.OnceValue(func() string {
	for _, file := range candidates() {
		if load(file) {
			return describe(C.GoString(C.udml_blas_config()), C.GoString(C.udml_blas_core()))
		}
	}
	return ""
})

// load opens the library. One that does not know the processor falls back on kernels of 2004: it is then told which to use, unless the
// user has.
func load(file string) bool {
	name := C.CString(file)
	defer C.free(unsafe.Pointer(name))
	if C.udml_blas_open(name) != 0 {
		return false
	}
	_, chosen := os.LookupEnv(coreVariable)
	better := betterCore(C.GoString(C.udml_blas_core()))
	if chosen || better == "" {
		return true
	}
	core := C.CString(better)
	defer C.free(unsafe.Pointer(core))
	return C.udml_blas_reopen(name, core) == 0
}

// describe shortens openblas_get_config, such as "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Zen MAX_THREADS=64".
func describe(config, core string) string {
	words := strings.Fields(config)
	if len(words) < 2 {
		return "OpenBLAS (" + core + ")"
	}
	return words[0] + " " + words[1] + " (" + core + ")"
}

// Available says whether OpenBLAS was found. The first call looks for it.
func Available() bool { return open() != "" }

// Name is version and kernel of the library found, such as "OpenBLAS 0.3.21 (SkylakeX)"; "" when there is none.
func Name() string { return open() }

// Sgemm is cblas_sgemm on row-major matrices: C[m,n] = alpha op(A)[m,k] op(B)[k,n] + beta C, in the calling thread.
// With beta 0, C is not read. The caller has checked that Available, and that the slices hold the matrices.
func Sgemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	C.udml_sgemm(cblasTrans(transA), cblasTrans(transB), C.int(m), C.int(n), C.int(k),
		C.float(alpha), (*C.float)(unsafe.SliceData(a)), C.int(lda),
		(*C.float)(unsafe.SliceData(b)), C.int(ldb),
		C.float(beta), (*C.float)(unsafe.SliceData(c)), C.int(ldc))
}

// Dgemm is cblas_dgemm; see Sgemm.
func Dgemm(transA, transB bool, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	C.udml_dgemm(cblasTrans(transA), cblasTrans(transB), C.int(m), C.int(n), C.int(k),
		C.double(alpha), (*C.double)(unsafe.SliceData(a)), C.int(lda),
		(*C.double)(unsafe.SliceData(b)), C.int(ldb),
		C.double(beta), (*C.double)(unsafe.SliceData(c)), C.int(ldc))
}

// cblasTrans is the value of CBLAS_TRANSPOSE.
func cblasTrans(t bool) C.int {
	if t {
		return 112
	}
	return 111
}

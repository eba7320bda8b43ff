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

// outcome is the result of the search for the library.
type outcome struct {
	name    string // "OpenBLAS 0.3.21 (SkylakeX)", or "" when there is none to be used
	refused error  // a *CoreError
	remark  string // of something that the user may not expect
}

// open looks for the library once.
var open = sync.OnceValue(func() outcome {
	tight := limited()
	if tight && len(candidates()) > 0 {
		if why := crowded(callers()); why != "" {
			return outcome{remark: why}
		}
	}
	for _, file := range candidates() {
		if o, found := load(file, processor()); found {
			if tight && o.name != "" {
				C.udml_blas_reserve(C.int(callers()))
			}
			return o
		}
	}
	return outcome{}
})

// load opens the library and looks which kernels it uses, before any of them is called. If the user's variable names kernels that this
// processor cannot execute, the variable is hidden from the library.
func load(file string, f features) (outcome, bool) {
	asked := os.Getenv(coreVariable)
	refused := f.lacks(asked)
	if len(refused) > 0 {
		C.udml_blas_free_choice()
	}
	name := C.CString(file)
	defer C.free(unsafe.Pointer(name))
	if C.udml_blas_open(name) != 0 {
		return outcome{}, false
	}
	config, core := C.GoString(C.udml_blas_config()), C.GoString(C.udml_blas_core())
	choosing := strings.Contains(config, "DYNAMIC_ARCH")
	if choosing && len(refused) > 0 {
		return outcome{refused: &CoreError{Core: asked, Lacks: refused, Instead: f.newest()}}, true
	}
	if better := betterCore(core); better != "" && !strings.EqualFold(asked, core) && reopen(name, better) {
		core = C.GoString(C.udml_blas_core())
	}
	if missing := f.lacks(core); len(missing) > 0 {
		e := &CoreError{Core: core, Lacks: missing, Chosen: true}
		if choosing {
			e.Instead = f.newest()
		}
		return outcome{refused: e}, true
	}
	return outcome{name: describe(config, core), remark: deaf(asked, core)}, true
}

// reopen opens the library again, with other kernels: one that does not know the processor falls back on those of 2004.
func reopen(name *C.char, better string) bool {
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

// Available says whether OpenBLAS was found and can be used. The first call looks for it.
func Available() bool { return open().name != "" }

// Name is version and kernel of the library found, such as "OpenBLAS 0.3.21 (SkylakeX)"; "" when there is none.
func Name() string { return open().name }

// Refused is a *CoreError when OpenBLAS was found and would use instructions that this processor lacks; nil otherwise.
func Refused() error { return open().refused }

// Remark is a sentence about something that the user may not expect: OpenBLAS has no room, or none of the kernels that it was told to use.
// "" when there is none.
func Remark() string { return open().remark }

// Sgemm is cblas_sgemm on row-major matrices: C[m,n] = alpha op(A)[m,k] op(B)[k,n] + beta C, in the calling thread.
// With beta 0, C is not read. The caller has checked that Available, and that the slices hold the matrices.
func Sgemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int,
	beta float32, c []float32, ldc int,
) {
	C.udml_sgemm(cblasTrans(transA), cblasTrans(transB), C.int(m), C.int(n), C.int(k),
		C.float(alpha), (*C.float)(unsafe.SliceData(a)), C.int(lda),
		(*C.float)(unsafe.SliceData(b)), C.int(ldb),
		C.float(beta), (*C.float)(unsafe.SliceData(c)), C.int(ldc))
}

// Dgemm is cblas_dgemm; see Sgemm.
func Dgemm(transA, transB bool, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int,
	beta float64, c []float64, ldc int,
) {
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

//go:build cgo && linux

package onednn

/*
#include "onednn.h"
*/
import "C"

import (
	"fmt"
	"runtime"
	"strings"
	"unsafe"
)

// Matmul is a product of matrices of one shape. Its methods may be called from several goroutines at the same time.
type Matmul struct {
	p Product
	d C.udml_onednn_matmul
}

// NewMatmul makes the code of a product, which takes up to a millisecond and 150 KB. The memory is given back when nothing refers to the
// Matmul any more. An error that wraps ErrNotSupported says that the library has no fast code for this shape.
func NewMatmul(p Product) (*Matmul, error) {
	if !Available() {
		return nil, fmt.Errorf("%w: %s", ErrNotSupported, Problem())
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	own := C.udml_onednn_product{
		trans_a: truth(p.TransA), trans_b: truth(p.TransB), has_bias: truth(p.Bias), m: C.int(p.M), n: C.int(p.N), k: C.int(p.K),
		lda: C.int(p.LDA), ldb: C.int(p.LDB), ldc: C.int(p.LDC), alpha: C.float(p.Alpha), beta: C.float(p.Beta),
	}
	mm := &Matmul{p: p}
	err := failed("matmul", C.udml_onednn_matmul_create(&mm.d, &own))
	if err == nil && strings.Contains(mm.Code(), "ref") {
		err = fmt.Errorf("%w: it has only %s for it", ErrNotSupported, mm.Code())
	}
	if err != nil {
		C.udml_onednn_matmul_destroy(&mm.d)
		return nil, err
	}
	runtime.AddCleanup(mm, func(d C.udml_onednn_matmul) { C.udml_onednn_matmul_destroy(&d) }, mm.d)
	return mm, nil
}

func truth(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

// Code is the library's name for the code that it runs, such as "brg:avx512_core".
func (mm *Matmul) Code() string { return C.GoString(C.udml_onednn_code(mm.d.primitive)) }

// Scratch is the number of elements of scratch memory that a Run needs.
func (mm *Matmul) Scratch() int { return floats(mm.d.scratch) }

// Run multiplies on the calling thread. With Beta 0 the old c is not read; bias is read with Bias alone.
func (mm *Matmul) Run(c, a, b, bias, scratch []float32) error {
	mm.p.wantMatrices(a, b, bias, c)
	want("scratch", len(scratch), mm.Scratch())
	defer runtime.KeepAlive(mm)
	return failed("matmul", C.udml_onednn_matmul_run(&mm.d, pointer(a), pointer(b), pointer(bias), pointer(c),
		unsafe.Pointer(unsafe.SliceData(scratch))))
}

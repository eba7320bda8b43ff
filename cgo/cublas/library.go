//go:build cgo && linux

package cublas

/*
#cgo LDFLAGS: -ldl
#include "cublas.h"
*/
import "C"

import (
	"unsafe"

	"udml-gpu/cgo/library"
)

func bind(handle unsafe.Pointer) (v library.Version, missing string) {
	if name := C.udml_cublas_bind(handle); name != nil {
		return v, C.GoString(name)
	}
	return versionOf(int(C.udml_cublas_version())), ""
}

var statuses = library.Statuses{
	Library: "cuBLASLt", NotSupported: ErrNotSupported,
	Text:    func(status int) string { return C.GoString(C.udml_cublas_text(C.int(status))) },
	Refused: func(status int) bool { return status == C.UDML_CUBLAS_NOT_SUPPORTED },
}

// failed is a status as an error: nil for success.
func failed(call string, status C.int) error { return statuses.Err(call, int(status)) }

// Handle is the library set up on the device whose context is the calling thread's. All calls with it, and with
// objects made from it, come from that thread.
type Handle struct{ h unsafe.Pointer }

// Open makes a handle. Problem must be "".
func Open() (*Handle, error) {
	h := new(Handle)
	return h, failed("cublasLtCreate", C.udml_cublas_create(&h.h))
}

// Close destroys the handle.
func (h *Handle) Close() error { return failed("cublasLtDestroy", C.udml_cublas_destroy(h.h)) }

// Product is a product of one shape, with the algorithm chosen for it.
type Product struct {
	handle *Handle
	p      C.udml_product
}

// NewProduct describes a product and chooses its algorithm: the same for the same shape in every run on a machine. An
// error that wraps ErrNotSupported says that there is none. Close gives the description back.
//
// The library's matrices are column-major, so that to it each of ours is its transpose: it computes c^T = op(b)^T op(a)^T.
func (h *Handle) NewProduct(s Shape) (*Product, error) {
	shape := C.udml_product_shape{
		transa: flag(s.TransB), transb: flag(s.TransA), compute: compute(s), factors: typeOf(s.Factors), result: typeOf(s.C),
		m: C.uint64_t(s.N), n: C.uint64_t(s.M), k: C.uint64_t(s.K), limit: workspaceLimit,
	}
	p := &Product{handle: h}
	if err := failed("algorithm search", C.udml_cublas_product_create(h.h, &p.p, &shape)); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func compute(s Shape) C.int {
	if s.Factors == BFloat16 {
		return C.UDML_CUBLAS_COMPUTE_32F
	}
	return [...]C.int{C.UDML_CUBLAS_COMPUTE_32F, C.UDML_CUBLAS_COMPUTE_32F_FAST_TF32, C.UDML_CUBLAS_COMPUTE_32F_FAST_16BF}[s.Compute]
}

func typeOf(t Type) C.int { return [...]C.int{C.UDML_CUDA_R_32F, C.UDML_CUDA_R_16BF}[t] }

func flag(set bool) C.int {
	if set {
		return 1
	}
	return 0
}

// Close destroys the description.
func (p *Product) Close() { C.udml_cublas_product_destroy(&p.p) }

// Workspace is the bytes of device memory that the product needs besides its operands.
func (p *Product) Workspace() int { return int(p.p.workspace) }

// Run queues the product on the stream (the driver's handle of it), and does not wait.
func (p *Product) Run(stream unsafe.Pointer, o Operands) error {
	args := C.udml_product_operands{
		a: C.uintptr_t(o.B), b: C.uintptr_t(o.A), c: C.uintptr_t(o.C), workspace: C.uintptr_t(o.Workspace),
		alpha: C.float(o.Alpha), beta: C.float(o.Beta),
	}
	return failed("cublasLtMatmul", C.udml_cublas_run(p.handle.h, stream, &p.p, &args))
}

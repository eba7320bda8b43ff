package gemm

import (
	"errors"
	"sync"
	"unsafe"

	"udml-gpu/cgo/cublas"
	"udml-gpu/kernels"
)

// library is cuBLASLt on one GPU. handle is nil where it is not used, and problem says why.
type library struct {
	handle   *cublas.Handle
	problem  string
	mu       sync.Mutex
	products map[cublas.Shape]*cublas.Product // nil: not supported, the own kernel computes it
}

var libraries kernels.PerDevice[*library]

// libraryOf is the device's library, set up on the first call. One of another major version is a fault of the device, because
// its user expects it to be used.
func libraryOf(dev *kernels.Device) *library {
	return libraries.Of(dev, func() *library { return openLibrary(dev) }, (*library).close)
}

func openLibrary(dev *kernels.Device) *library {
	l := &library{products: map[cublas.Shape]*cublas.Product{}}
	l.handle, l.problem = kernels.OpenHandle(dev, "cuBLASLt", cublas.Problem(), cublas.Err(), cublas.Open)
	return l
}

// close runs on the device's thread.
func (l *library) close() {
	for _, p := range l.products {
		if p != nil {
			p.Close()
		}
	}
	if l.handle != nil {
		_ = l.handle.Close()
	}
}

// product is the plan for products of a shape, made on the first call; nil when the library has none.
func (l *library) product(dev *kernels.Device, s cublas.Shape) *cublas.Product {
	l.mu.Lock()
	defer l.mu.Unlock()
	p, known := l.products[s]
	if known {
		return p
	}
	dev.QueueSync("cuBLASLt", func(unsafe.Pointer) (err error) {
		if p, err = l.handle.NewProduct(s); errors.Is(err, cublas.ErrNotSupported) {
			return nil
		}
		return err
	})
	l.products[s] = p
	return p
}

// computeOf is the library's name of a precision.
var computeOf = [...]cublas.Compute{kernels.FP32: cublas.FP32, kernels.TF32: cublas.TF32, kernels.BF16: cublas.BF16}

func typeOf(a *kernels.Array) cublas.Type {
	if a.DType() == kernels.BFloat16 {
		return cublas.BFloat16
	}
	return cublas.Float32
}

// multiply queues p, or says that the own kernel must compute it.
func (l *library) multiply(p deviceProduct) bool {
	if l.handle == nil || !aligned(p.a, p.b, p.c) {
		return false
	}
	dev := p.c.Device()
	plan := l.product(dev, cublas.Shape{
		TransA: p.transA, TransB: p.transB, M: p.m, N: p.n, K: p.k, Compute: computeOf[dev.Precision()],
		Factors: typeOf(p.a), C: typeOf(p.c),
	})
	if plan == nil {
		return false
	}
	p.startSum()
	work := dev.Scratch(kernels.Uint8, plan.Workspace())
	o := cublas.Operands{
		A: p.a.Address(), B: p.b.Address(), C: p.c.Address(), Workspace: work.Address(),
		Alpha: float32(p.alpha), Beta: float32(p.beta),
	}
	dev.Queue("cuBLASLt", func(stream unsafe.Pointer) error { return plan.Run(stream, o) })
	work.Free()
	return true
}

// aligned says that all arrays start on 16 bytes: the plans count on that, and views of odd rows may not.
func aligned(arrays ...*kernels.Array) bool {
	for _, a := range arrays {
		if a.Address()%16 != 0 {
			return false
		}
	}
	return true
}

// BackendOf names the code that multiplies matrices on the device, such as "cuBLASLt 12.9.3" or "own kernels", and says why.
func BackendOf(dev *kernels.Device) (name, why string) {
	if !dev.CUDA() {
		return Backend(), "on the CPU"
	}
	if l := libraryOf(dev); l.handle == nil {
		return "own kernels", l.problem
	}
	return "cuBLASLt " + cublas.Version(), cublas.File()
}

// LibraryError is an error when the cuBLASLt that is installed is of a major version that this program cannot use.
func LibraryError() error { return cublas.Err() }

//go:build !cgo || !linux

package cublas

import (
	"unsafe"

	"udml-gpu/cgo/library"
)

// bind is never called, because no file opens.
func bind(unsafe.Pointer) (v library.Version, missing string) { return v, "" }

// Handle is the library set up on a device; in this build there is none.
type Handle struct{}

// Open makes a handle. It is never called, because Problem is never "".
func Open() (*Handle, error) { return nil, ErrNotSupported }

// Close destroys the handle.
func (h *Handle) Close() error { return ErrNotSupported }

// Product is a product of one shape.
type Product struct{}

// NewProduct describes a product.
func (h *Handle) NewProduct(Shape) (*Product, error) { return nil, ErrNotSupported }

// Close destroys the description.
func (p *Product) Close() {}

// Workspace is the bytes of device memory that the product needs besides its operands.
func (p *Product) Workspace() int { return 0 }

// Run queues the product on the stream.
func (p *Product) Run(unsafe.Pointer, Operands) error { return ErrNotSupported }

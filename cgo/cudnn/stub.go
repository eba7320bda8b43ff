//go:build !cgo || !linux

package cudnn

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

// Conv is a convolution of one shape.
type Conv struct{}

// NewConv describes a convolution.
func (h *Handle) NewConv(Shape) (*Conv, error) { return nil, ErrNotSupported }

// Close destroys the description.
func (c *Conv) Close() {}

// Workspace is the bytes of device memory that a pass needs besides its operands.
func (c *Conv) Workspace(Pass) (int, error) { return 0, ErrNotSupported }

// Run queues a pass on the stream.
func (c *Conv) Run(Pass, unsafe.Pointer, Operands) error { return ErrNotSupported }

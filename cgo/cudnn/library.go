//go:build cgo && linux

package cudnn

/*
#cgo LDFLAGS: -ldl
#include "cudnn.h"
*/
import "C"

import (
	"fmt"
	"unsafe"

	"udml-gpu/cgo/library"
)

func bind(handle unsafe.Pointer) (v library.Version, missing string) {
	if name := C.udml_cudnn_bind(handle); name != nil {
		return v, C.GoString(name)
	}
	return versionOf(int(C.udml_cudnn_version())), ""
}

// statuses of version 9 are grouped by thousands; 3xxx are the reasons for not being supported.
var statuses = library.Statuses{
	Library: "cuDNN", NotSupported: ErrNotSupported,
	Text:    func(status int) string { return C.GoString(C.udml_cudnn_text(C.int(status))) },
	Refused: func(status int) bool { return status/1000 == 3 },
}

// failed is a status as an error: nil for success.
func failed(call string, status C.int) error { return statuses.Err(call, int(status)) }

// Handle is the library set up on the device whose context is the calling thread's. All calls with it, and with
// objects made from it, come from that thread.
type Handle struct{ h unsafe.Pointer }

// Open makes a handle. Problem must be "".
func Open() (*Handle, error) {
	h := new(Handle)
	return h, failed("cudnnCreate", C.udml_cudnn_create(&h.h))
}

// Close destroys the handle.
func (h *Handle) Close() error { return failed("cudnnDestroy", C.udml_cudnn_destroy(h.h)) }

// Conv is a convolution of one shape.
type Conv struct {
	handle *Handle
	d      C.udml_conv
}

// NewConv describes a convolution. Close gives the description back.
func (h *Handle) NewConv(s Shape) (*Conv, error) {
	if s.Groups < 1 {
		return nil, fmt.Errorf("cuDNN has no convolution in %d groups", s.Groups)
	}
	shape := C.udml_conv_shape{
		n: C.int(s.N), h: C.int(s.H), w: C.int(s.W), c: C.int(s.C), oh: C.int(s.OH), ow: C.int(s.OW), o: C.int(s.O),
		kh: C.int(s.KH), kw: C.int(s.KW), stride: C.int(s.Stride), pad: C.int(s.Pad), groups: C.int(s.Groups),
		math: C.UDML_CUDNN_FMA_MATH, data: C.UDML_CUDNN_DATA_FLOAT,
	}
	if s.Math == TensorCores {
		shape.math = C.UDML_CUDNN_TENSOR_OP_MATH
	}
	if s.Data == BFloat16 {
		shape.data = C.UDML_CUDNN_DATA_BFLOAT16
	}
	c := &Conv{handle: h}
	if err := failed("convolution descriptor", C.udml_cudnn_conv_create(&c.d, &shape)); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Close destroys the description.
func (c *Conv) Close() { C.udml_cudnn_conv_destroy(&c.d) }

// Workspace is the bytes of device memory that a pass needs besides its operands. An error that wraps ErrNotSupported
// says that the algorithm does not take this shape.
func (c *Conv) Workspace(p Pass) (int, error) {
	var bytes C.size_t
	status := C.udml_cudnn_workspace(c.handle.h, &c.d, C.int(p), &bytes)
	return int(bytes), failed(p.String()+" workspace", status)
}

// Run queues a pass on the stream (the driver's handle of it), and does not wait. An error that wraps ErrNotSupported
// says that the algorithm does not take this shape: nothing was queued then.
func (c *Conv) Run(p Pass, stream unsafe.Pointer, a Operands) error {
	o := C.udml_conv_operands{
		x: C.uintptr_t(a.X), filters: C.uintptr_t(a.Weights), y: C.uintptr_t(a.Y), workspace: C.uintptr_t(a.Workspace),
		bytes: C.size_t(a.Bytes),
	}
	return failed(p.String(), C.udml_cudnn_run(c.handle.h, stream, &c.d, C.int(p), &o, C.float(a.Beta)))
}

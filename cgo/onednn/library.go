//go:build cgo && linux

package onednn

/*
#cgo CFLAGS: -std=c11
#cgo LDFLAGS: -ldl
#include "onednn.h"
*/
import "C"

import (
	"fmt"
	"runtime"
	"unsafe"

	"udml-gpu/cgo/library"
)

func bind(handle unsafe.Pointer) (v library.Version, missing string) {
	if name := C.udml_onednn_bind(handle); name != nil {
		return v, C.GoString(name)
	}
	var numbers [3]C.int
	C.udml_onednn_version(&numbers[0])
	return library.Version{int(numbers[0]), int(numbers[1]), int(numbers[2])}, ""
}

func isa() int { return int(C.udml_onednn_isa()) }

var statuses = library.Statuses{
	Library: "oneDNN", NotSupported: ErrNotSupported,
	Text:    text,
	Refused: func(status int) bool { return status == C.UDML_ONEDNN_UNIMPLEMENTED },
}

// text is the meaning of a dnnl_status_t: the library has no function for it.
func text(status int) string {
	known := [...]string{
		"success", "out of memory", "invalid arguments", "not implemented", "no implementation left", "failed while it ran",
	}
	if status < 0 || status >= len(known) {
		return "unknown"
	}
	return known[status]
}

// failed is a status as an error: nil for success.
func failed(call string, status C.int) error { return statuses.Err(call, int(status)) }

// Conv is a pass of a convolution of one shape. Its methods may be called from several goroutines at the same time.
type Conv struct {
	shape Shape
	d     C.udml_onednn_conv
}

// New makes a pass. It takes some milliseconds: the library writes machine code for the shape. The memory is given back when nothing
// refers to the Conv any more. If like, a pass of a convolution with the same weights, is not nil, the weights have its layout. An error
// that wraps ErrNotSupported says that the library has no fast code for this shape.
func New(p Pass, s Shape, like *Conv) (*Conv, error) {
	if !Available() {
		return nil, fmt.Errorf("%w: %s", ErrNotSupported, Problem())
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	shape := C.udml_onednn_shape{
		n: C.int(s.N), h: C.int(s.H), w: C.int(s.W), c: C.int(s.C), oh: C.int(s.OH), ow: C.int(s.OW), o: C.int(s.O),
		kh: C.int(s.KH), kw: C.int(s.KW), stride: C.int(s.Stride), pad: C.int(s.Pad), groups: C.int(s.Groups),
	}
	c := &Conv{shape: s}
	var layout *C.udml_onednn_conv
	if like != nil {
		layout = &like.d
	}
	err := failed(p.String(), C.udml_onednn_create(&c.d, C.int(p), &shape, layout))
	runtime.KeepAlive(like)
	if err == nil && !fast(c.Code()) {
		err = fmt.Errorf("%w: it has only %s for it", ErrNotSupported, c.Code())
	}
	if err != nil {
		C.udml_onednn_destroy(&c.d)
		return nil, err
	}
	runtime.AddCleanup(c, func(d C.udml_onednn_conv) { C.udml_onednn_destroy(&d) }, c.d)
	return c, nil
}

// Code is the library's name for the code that it runs, such as "brgconv:avx512_core".
func (c *Conv) Code() string { return C.GoString(C.udml_onednn_code(c.d.primitive)) }

// Weights is the number of elements of the weights in the library's layout, at least as many as there are weights.
func (c *Conv) Weights() int { return floats(c.d.weights) }

// Scratch is the number of elements of scratch memory that a Run needs.
func (c *Conv) Scratch() int { return floats(c.d.scratch) }

func floats(bytes C.size_t) int { return (int(bytes) + 3) / 4 }

// plain is the number of weights.
func (c *Conv) plain() int {
	s := &c.shape
	return s.O * s.KH * s.KW * (s.C / s.Groups)
}

// Pack copies weights [O,KH,KW,C/Groups] to the library's layout.
func (c *Conv) Pack(own, weights []float32) error {
	want("weights in the library's layout", len(own), c.Weights())
	want("weights", len(weights), c.plain())
	defer runtime.KeepAlive(c)
	return failed("reorder", C.udml_onednn_pack(&c.d, pointer(own), pointer(weights)))
}

// Unpack copies weights in the library's layout to [O,KH,KW,C/Groups].
func (c *Conv) Unpack(weights, own []float32) error {
	want("weights in the library's layout", len(own), c.Weights())
	want("weights", len(weights), c.plain())
	defer runtime.KeepAlive(c)
	return failed("reorder", C.udml_onednn_unpack(&c.d, pointer(weights), pointer(own)))
}

// Run computes the pass on the calling thread, count times, each time on the next N images of x and y. Of x, own (weights in
// the library's layout) and y, or their gradients, the one that the pass computes is overwritten.
func (c *Conv) Run(count int, x, own, y, scratch []float32) error {
	want("x", len(x), count*int(c.d.x_step))
	want("weights in the library's layout", len(own), c.Weights())
	want("y", len(y), count*int(c.d.y_step))
	want("scratch", len(scratch), c.Scratch())
	defer runtime.KeepAlive(c)
	return failed(Pass(c.d.pass).String(), C.udml_onednn_run(&c.d, C.int(count), pointer(x), pointer(own), pointer(y),
		unsafe.Pointer(unsafe.SliceData(scratch))))
}

func pointer(s []float32) *C.float { return (*C.float)(unsafe.SliceData(s)) }

//go:build cgo

// Package vector is a few loops over float32 and bytes in C, which the C compiler turns into vector instructions and Go's does
// not. They compute element by element, so that their results have the same bits as the Go loops that the ops fall
// back on where Available is false (on amd64: elsewhere Go may fuse a product with a sum). Each call costs some 60 ns, so it should get
// a tile, not a pixel.
package vector

/*
#cgo CFLAGS: -O3 -std=c11
#include "vector.h"
*/
import "C"

import "unsafe"

// Available says whether this build has the loops.
func Available() bool { return true }

// BiasFloor is y = max(floor, y + b) on each row of y, rows of len(b); NaN is kept. len(y) is a multiple of len(b).
func BiasFloor(y, b []float32, floor float32) {
	if len(y) == 0 {
		return
	}
	C.udml_bias_floor(pointer(y), pointer(b), C.long(len(y)/len(b)), C.long(len(b)), C.float(floor))
}

// Mask sets dy to 0 where y is not positive, NaN counting as positive.
func Mask(dy, y []float32) {
	if len(dy) != len(y) {
		panic("vector.Mask: slices differ in length")
	}
	C.udml_mask(pointer(dy), pointer(y), C.long(len(y)))
}

// AddRows adds each row of x to sum, in order; rows are of len(sum), of which len(x) is a multiple. An empty sum is legal.
func AddRows(sum, x []float32) {
	if len(sum) == 0 || len(x) == 0 {
		return
	}
	C.udml_add_rows(pointer(sum), pointer(x), C.long(len(x)/len(sum)), C.long(len(sum)))
}

// Windows is one line of windows over an image [H,W,C], for MaxLine.
type Windows struct {
	Width, Channels     int // W and C
	Count               int // windows
	Kernel, Stride, Pad int
	Row                 int // row of the image where the windows start, may be negative
	Top, Bottom         int // rows of the image that lie in the windows
}

// MaxLine is the maximum of each window and channel, and its position in the window; a NaN is larger than everything.
// y and at are [Count,C]. Of equal elements the first counts, of NaN the last, as in torch. No window is empty.
func MaxLine(y []float32, at []uint8, image []float32, w Windows) {
	if w.Count*w.Channels == 0 {
		return
	}
	if len(y) < w.Count*w.Channels || len(at) < w.Count*w.Channels || len(image) < w.Bottom*w.Width*w.Channels || w.Top >= w.Bottom {
		panic("vector.MaxLine: slices are too short")
	}
	C.udml_max_line(pointer(y), (*C.uchar)(unsafe.SliceData(at)), pointer(image), C.struct_udml_windows{
		width: C.int(w.Width), channels: C.int(w.Channels), count: C.int(w.Count), kernel: C.int(w.Kernel),
		stride: C.int(w.Stride), pad: C.int(w.Pad), row: C.int(w.Row), top: C.int(w.Top), bottom: C.int(w.Bottom),
	})
}

func pointer(s []float32) *C.float { return (*C.float)(unsafe.SliceData(s)) }

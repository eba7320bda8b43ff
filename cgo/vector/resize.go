//go:build cgo

package vector

/*
#include "vector.h"
*/
import "C"

import "unsafe"

// Taps says which source pixels make a target pixel x, and with what weights in fixed point of Bits fractional bits:
// Weights[Offset[x]:Offset[x+1]], for the source pixels from Start[x] on.
type Taps struct {
	Start, Offset, Weights []int32
	Bits                   int
}

// check panics where a tap would lie outside a source of that length.
func (t Taps) check(from int) {
	for x, start := range t.Start {
		if lo, hi := t.Offset[x], t.Offset[x+1]; start < 0 || lo < 0 || hi < lo || int(start+hi-lo) > from || int(hi) > len(t.Weights) {
			panic("vector: a tap of the filter lies outside the image")
		}
	}
}

// ResizeRows brings rows of width pixels to the len(t.Start) pixels of t: dst is [rows, len(t.Start), channels], src has
// rows that lie stride bytes apart, of 4 bytes a pixel where colour is set (the first three count, and channels is 3), else
// of one, which every channel gets. Sums are rounded and clipped to bytes.
func ResizeRows(dst, src []uint8, rows, width, stride, channels int, colour bool, t Taps) {
	depth, one, size := 1, C.int(0), len(t.Start)
	if colour {
		depth, one = 4, 1
	}
	if rows < 1 || size < 1 || colour && channels != 3 {
		panic("vector.ResizeRows: nothing to do, or colours for less than three channels")
	}
	if len(dst) < rows*size*channels || len(src) < (rows-1)*stride+width*depth {
		panic("vector.ResizeRows: slices are too short")
	}
	t.check(width)
	C.udml_resize_rows(bytePointer(dst), bytePointer(src), C.struct_udml_resize{
		rows: C.long(rows), stride: C.long(stride), size: C.int(size), channels: C.int(channels), colour: one, bits: C.int(t.Bits),
	}, intPointer(t.Start), intPointer(t.Offset), intPointer(t.Weights))
}

// ResizeColumns brings rows of wide bytes each to the len(t.Start) rows of t, as ResizeRows does pixels.
func ResizeColumns(dst, src []uint8, wide int, t Taps) {
	size := len(t.Start)
	if size < 1 || wide < 1 || len(dst) < size*wide {
		panic("vector.ResizeColumns: slices are too short")
	}
	t.check(len(src) / wide)
	C.udml_resize_columns(bytePointer(dst), bytePointer(src), C.struct_udml_resize{
		stride: C.long(wide), size: C.int(size), bits: C.int(t.Bits),
	}, intPointer(t.Start), intPointer(t.Offset), intPointer(t.Weights))
}

func bytePointer(s []uint8) *C.uchar { return (*C.uchar)(unsafe.SliceData(s)) }

func intPointer(s []int32) *C.int { return (*C.int)(unsafe.SliceData(s)) }

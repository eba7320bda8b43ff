//go:build cgo

package vector

// #include "vector.h"
import "C"

import "unsafe"

// ScaleRow is out = products (x ys), element by element. out may be products.
func ScaleRow(out, products, ys []float32, x float32) {
	sameLength(out, products, ys)
	C.udml_scale_row(pointer(out), pointer(products), pointer(ys), C.float(x), C.long(len(out)))
}

// SquaredL2Row is out = products + t with t = xx + ys, and reports whether any entry, times sign, lies below part t,
// or is not a number. out may be products.
func SquaredL2Row(out, products, ys []float32, xx, sign, part float32) bool {
	sameLength(out, products, ys)
	return C.udml_squared_l2_row(pointer(out), pointer(products), pointer(ys), C.float(xx), C.float(sign), C.float(part),
		C.long(len(out))) != 0
}

// AnyAbove tells of each row of block whether one of its cols numbers is above the row's bar: len(any) rows, ld apart. NaN is above
// nothing.
func AnyAbove(any []bool, block []float32, ld, cols int, bar []float32) {
	switch {
	case len(any) == 0:
		return
	case len(bar) != len(any) || cols > ld || len(block) < (len(any)-1)*ld+cols:
		panic("vector.AnyAbove: slices are too short")
	}
	C.udml_any_above((*C.uchar)(unsafe.Pointer(unsafe.SliceData(any))), pointer(block), C.long(len(any)), C.long(ld), C.long(cols),
		pointer(bar))
}

func sameLength(a, b, c []float32) {
	if len(a) != len(b) || len(a) != len(c) {
		panic("vector: slices differ in length")
	}
}

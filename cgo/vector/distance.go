//go:build cgo

package vector

// #include "vector.h"
import "C"

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

func sameLength(a, b, c []float32) {
	if len(a) != len(b) || len(a) != len(c) {
		panic("vector: slices differ in length")
	}
}

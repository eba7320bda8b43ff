//go:build cgo

package vector

// #include "rotate.h"
import "C"

// RotateRows rotates the queries and keys of rows of heads heads each, followed by as many columns of values, which are copied. For a
// head's halves a and b: a cos - b sin, b cos + a sin, with sin times sign; the tables have half columns a row. y may be x.
func RotateRows(y, x, cosines, sines []float32, half, heads int, sign float32) {
	line := 6 * half * heads
	if line == 0 || len(y) != len(x) || len(x)%line != 0 || len(cosines) != len(x)/line*half || len(sines) != len(cosines) {
		panic("vector.RotateRows: slices differ in length")
	}
	C.udml_rotate_rows(pointer(y), pointer(x), pointer(cosines), pointer(sines), C.long(len(x)/line), C.long(half), C.long(heads),
		C.float(sign))
}

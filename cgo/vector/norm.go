//go:build cgo

package vector

// #include "vector.h"
import "C"

// AffineRows is y = max(floor, (x - mean) scale + beta) on each row of len(mean); NaN is kept. y may be x.
func AffineRows(y, x, mean, scale, beta []float32, floor float32) {
	rows, cols := rowsOf(x, mean, len(y), len(scale), len(beta))
	C.udml_affine_rows(pointer(y), pointer(x), pointer(mean), pointer(scale), pointer(beta), rows, cols, C.float(floor))
}

// GateRows sets dy to 0 where (x - mean) scale + beta is not positive, NaN counting as positive.
func GateRows(dy, x, mean, scale, beta []float32) {
	rows, cols := rowsOf(x, mean, len(dy), len(scale), len(beta))
	C.udml_gate_rows(pointer(dy), pointer(x), pointer(mean), pointer(scale), pointer(beta), rows, cols)
}

// Moments adds x - origin of each row to s1 and its square to s2, four rows at a time.
func Moments(s1, s2, origin, x []float32) {
	rows, cols := rowsOf(x, origin, len(x), len(s1), len(s2))
	C.udml_moments(pointer(s1), pointer(s2), pointer(origin), pointer(x), rows, cols)
}

// GradientSums adds dy of each row to s1 and dy (x - mean) to s2, two rows at a time.
func GradientSums(s1, s2, dy, x, mean []float32) {
	rows, cols := rowsOf(x, mean, len(dy), len(s1), len(s2))
	C.udml_gradient_sums(pointer(s1), pointer(s2), pointer(dy), pointer(x), pointer(mean), rows, cols)
}

// CombineRows is dx = a dy + (b x + o) on each row of len(a). dx may be dy.
func CombineRows(dx, dy, x, a, b, o []float32) {
	rows, cols := rowsOf(x, a, len(dx), len(b), len(o))
	if len(dy) != len(x) {
		panic("vector: slices differ in length")
	}
	C.udml_combine_rows(pointer(dx), pointer(dy), pointer(x), pointer(a), pointer(b), pointer(o), rows, cols)
}

// rowsOf is the number of rows of x, and their length, that of row; it checks the lengths of the call's other slices:
// one like x, two like row.
func rowsOf(x, row []float32, like, row1, row2 int) (rows, cols C.long) {
	if len(row) == 0 || len(x)%len(row) != 0 || like != len(x) || row1 != len(row) || row2 != len(row) {
		panic("vector: slices differ in length")
	}
	return C.long(len(x) / len(row)), C.long(len(row))
}

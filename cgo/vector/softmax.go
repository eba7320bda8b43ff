//go:build cgo

package vector

// #include "softmax.h"
import "C"

// SoftmaxRows takes a block of columns of some rows' logits into their softmax: s is len(sum) rows of cols logits, ld apart.
// Each becomes exp(s - m) with m the largest so far, largest[i] or one of the row; factor[i] is exp(largest[i] - m), by which what was
// summed before must be scaled; sum[i] becomes sum[i] factor[i] plus the row's new elements, added in 16 sums. The first block
// has largest -Inf and sum 0. NaN is kept.
func SoftmaxRows(s, largest, sum, factor []float32, cols, ld int) {
	rows := len(sum)
	wantRows(len(s), rows, cols, ld)
	if len(largest) != rows || len(factor) != rows {
		panic("vector: slices differ in length")
	}
	C.udml_softmax_rows(pointer(s), pointer(largest), pointer(sum), pointer(factor), C.long(rows), C.long(cols), C.long(ld))
}

// SoftmaxGradientRows makes of logits s their probabilities exp(s - lse[i]), and of ds, the probabilities' gradient, the logits':
// p (ds - delta[i]) scale. Both are len(lse) rows of cols elements, ld apart.
func SoftmaxGradientRows(s, ds, lse, delta []float32, scale float32, cols, ld int) {
	rows := len(lse)
	wantRows(len(s), rows, cols, ld)
	wantRows(len(ds), rows, cols, ld)
	if len(delta) != rows {
		panic("vector: slices differ in length")
	}
	C.udml_softmax_gradient_rows(pointer(s), pointer(ds), pointer(lse), pointer(delta), C.float(scale), C.long(rows), C.long(cols),
		C.long(ld))
}

// Turn is out[j,i] = in[i,j] for rows x cols elements, with rows of out ldo apart and rows of in ldi.
func Turn(out, in []float32, rows, cols, ldo, ldi int) {
	wantRows(len(in), rows, cols, ldi)
	wantRows(len(out), cols, rows, ldo)
	C.udml_turn(pointer(out), pointer(in), C.long(rows), C.long(cols), C.long(ldo), C.long(ldi))
}

// wantRows panics unless a slice of that length holds the rows.
func wantRows(length, rows, cols, ld int) {
	if rows > 0 && (cols > ld || length < (rows-1)*ld+cols) {
		panic("vector: a slice is too short for its rows")
	}
}

//go:build cgo

package vector

// #include "vector.h"
import "C"

// LayerMoments leaves the mean and the variance of each row of x in mean and variance, whose length is the number of rows. Sums over a
// row have 16 parts in float32, which are added in float64.
func LayerMoments(mean, variance, x []float32) {
	if len(mean) == 0 || len(x)%len(mean) != 0 || len(variance) != len(mean) {
		panic("vector: slices differ in length")
	}
	rows := len(mean)
	C.udml_layer_moments(pointer(mean), pointer(variance), pointer(x), C.long(rows), C.long(len(x)/rows))
}

// LayerAffine is y = (x - mean) inv gamma + beta on each row of len(gamma), with a mean and an inv for each row. y may be x.
func LayerAffine(y, x, gamma, beta, mean, inv []float32) {
	rows, cols := rowsOf(x, gamma, len(y), len(beta), len(gamma))
	perRow(rows, mean, inv)
	C.udml_layer_affine(pointer(y), pointer(x), pointer(gamma), pointer(beta), pointer(mean), pointer(inv), rows, cols)
}

// LayerInput is the gradient of a layer norm with respect to x: (g - mean(g) - h mean(g h)) inv, with g = dy gamma and
// h = (x - mean) inv. dx may be dy.
func LayerInput(dx, dy, x, gamma, mean, inv []float32) {
	rows, cols := rowsOf(x, gamma, len(dx), len(gamma), len(gamma))
	perRow(rows, mean, inv)
	if len(dy) != len(x) {
		panic("vector: slices differ in length")
	}
	C.udml_layer_input(pointer(dx), pointer(dy), pointer(x), pointer(gamma), pointer(mean), pointer(inv), rows, cols)
}

// LayerSums adds dy of each row to dbeta, and dy (x - mean) inv to dgamma.
func LayerSums(dgamma, dbeta, dy, x, mean, inv []float32) {
	rows, cols := rowsOf(x, dgamma, len(dy), len(dbeta), len(dgamma))
	perRow(rows, mean, inv)
	C.udml_layer_sums(pointer(dgamma), pointer(dbeta), pointer(dy), pointer(x), pointer(mean), pointer(inv), rows, cols)
}

// perRow panics unless mean and inv have a number for each row.
func perRow(rows C.long, mean, inv []float32) {
	if len(mean) != int(rows) || len(inv) != int(rows) {
		panic("vector: slices differ in length")
	}
}

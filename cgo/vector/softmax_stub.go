//go:build !cgo

package vector

// SoftmaxRows is never called, because Available is false.
func SoftmaxRows(s, largest, sum, factor []float32, cols, ld int) { panic(absent) }

// SoftmaxGradientRows is never called, because Available is false.
func SoftmaxGradientRows(s, ds, lse, delta []float32, scale float32, cols, ld int) { panic(absent) }

// Turn is never called, because Available is false.
func Turn(out, in []float32, rows, cols, ldo, ldi int) { panic(absent) }

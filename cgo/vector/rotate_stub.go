//go:build !cgo

package vector

// RotateRows is never called, because Available is false.
func RotateRows(y, x, cosines, sines []float32, half, heads int, sign float32) { panic(absent) }

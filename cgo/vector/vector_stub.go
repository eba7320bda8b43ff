//go:build !cgo

// Package vector is a few loops over float32 in C; this build is without cgo and has none.
package vector

// Available says whether this build has the loops.
func Available() bool { return false }

// BiasFloor is never called, because Available is false.
func BiasFloor(y, b []float32, floor float32) { panic("vector: built without cgo") }

// AddRows is never called, because Available is false.
func AddRows(sum, x []float32) { panic("vector: built without cgo") }

// Windows is one line of windows over an image [H,W,C], for MaxLine.
type Windows struct {
	Width, Channels     int
	Count               int
	Kernel, Stride, Pad int
	Row                 int
	Top, Bottom         int
}

// MaxLine is never called, because Available is false.
func MaxLine(y []float32, at []uint8, image []float32, w Windows) { panic("vector: built without cgo") }

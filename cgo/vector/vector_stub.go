//go:build !cgo

// Package vector is a few loops over float32 and bytes in C; this build is without cgo and has none.
package vector

const absent = "vector: built without cgo"

// Available says whether this build has the loops.
func Available() bool { return false }

// BiasFloor is never called, because Available is false.
func BiasFloor(y, b []float32, floor float32) { panic(absent) }

// AddRows is never called, because Available is false.
func AddRows(sum, x []float32) { panic(absent) }

// Windows is one line of windows over an image [H,W,C], for MaxLine.
type Windows struct {
	Width, Channels     int
	Count               int
	Kernel, Stride, Pad int
	Row                 int
	Top, Bottom         int
}

// MaxLine is never called, because Available is false.
func MaxLine(y []float32, at []uint8, image []float32, w Windows) { panic(absent) }

// Mask is never called, because Available is false.
func Mask(dy, y []float32) { panic(absent) }

// AffineRows is never called, because Available is false.
func AffineRows(y, x, mean, scale, beta []float32, floor float32) { panic(absent) }

// GateRows is never called, because Available is false.
func GateRows(dy, x, mean, scale, beta []float32) { panic(absent) }

// Moments is never called, because Available is false.
func Moments(s1, s2, origin, x []float32) { panic(absent) }

// GradientSums is never called, because Available is false.
func GradientSums(s1, s2, dy, x, mean []float32) { panic(absent) }

// CombineRows is never called, because Available is false.
func CombineRows(dx, dy, x, a, b, o []float32) { panic(absent) }

// LayerMoments is never called, because Available is false.
func LayerMoments(mean, variance, x []float32) { panic(absent) }

// LayerAffine is never called, because Available is false.
func LayerAffine(y, x, gamma, beta, mean, inv []float32) { panic(absent) }

// LayerInput is never called, because Available is false.
func LayerInput(dx, dy, x, gamma, mean, inv []float32) { panic(absent) }

// LayerSums is never called, because Available is false.
func LayerSums(dgamma, dbeta, dy, x, mean, inv []float32) { panic(absent) }

// GELU is never called, because Available is false.
func GELU(y, x []float32, kind int) { panic(absent) }

// GELUBackward is never called, because Available is false.
func GELUBackward(dx, dy, x []float32, kind int) { panic(absent) }

// SwiGLU is never called, because Available is false.
func SwiGLU(y, gate, up []float32) { panic(absent) }

// SwiGLUBackward is never called, because Available is false.
func SwiGLUBackward(dgate, dup, dy, gate, up []float32) { panic(absent) }

// ReLU6 is never called, because Available is false.
func ReLU6(y, x []float32) { panic(absent) }

// ReLU6Backward is never called, because Available is false.
func ReLU6Backward(dx, dy, y []float32) { panic(absent) }

// FromHalf is never called, because Available is false.
func FromHalf(out []float32, in []uint16) { panic(absent) }

// AnyAbove is never called, because Available is false.
func AnyAbove(any []bool, block []float32, ld, cols int, bar []float32) { panic(absent) }

// ScaleRow is never called, because Available is false.
func ScaleRow(out, products, ys []float32, x float32) { panic(absent) }

// SquaredL2Row is never called, because Available is false.
func SquaredL2Row(out, products, ys []float32, xx, sign, part float32) bool { panic(absent) }

// Taps says which source pixels make a target pixel.
type Taps struct {
	Start, Offset, Weights []int32
	Bits                   int
}

// ResizeRows is never called, because Available is false.
func ResizeRows(dst, src []uint8, rows, width, stride, channels int, colour bool, t Taps) {
	panic(absent)
}

// ResizeColumns is never called, because Available is false.
func ResizeColumns(dst, src []uint8, wide int, t Taps) { panic(absent) }

package act

import (
	"math"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
)

// tanhScale and tanhCube make the sigmoid's argument of GELUTanh: a = tanhScale (x + tanhCube x^3), since (1 + tanh(a/2))/2 is a
// sigmoid of a.
var tanhScale = 2 * math.Sqrt(2/math.Pi)

const tanhCube = 0.044715

// far is where each exponential has vanished in float64.
const far = 1000

// geluGate is the reference of the factor G(x) and its derivative.
func geluGate(x float64, kind GELUKind) (value, slope float64) {
	v := max(-far, min(far, x)) // so that no product below is infinity times 0
	switch kind {
	case GELUErf:
		return 0.5 * math.Erfc(-x/math.Sqrt2), math.Exp(-v*v/2) / math.Sqrt(2*math.Pi)
	case GELUTanh:
		value, slope = sigmoid64(tanhScale * (v + tanhCube*v*v*v))
		return value, slope * tanhScale * (1 + 3*tanhCube*v*v)
	default:
		value, slope = sigmoid64(1.702 * v)
		return value, slope * 1.702
	}
}

// sigmoid64 is a sigmoid of a and its derivative, by the exponential that does not overflow.
func sigmoid64(a float64) (value, slope float64) {
	e := math.Exp(-math.Abs(a))
	part := 1 / (1 + e)
	if a > 0 {
		return part, e * part * part
	}
	return e * part, e * part * part
}

func gelu64(y, x []float64, kind GELUKind) {
	kernels.Tiles(len(x), tile/8, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			value, _ := geluGate(x[i], kind)
			y[i] = x[i] * value
		}
	})
}

func geluBackward64(dx, dy, x []float64, kind GELUKind) {
	kernels.Tiles(len(x), tile/8, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			value, slope := geluGate(x[i], kind)
			dx[i] = dy[i] * (value + max(-far, min(far, x[i]))*slope)
		}
	})
}

func gelu32(y, x []float32, kind GELUKind) {
	kernels.Tiles(len(x), tile, func(lo, hi int) {
		if vector.Available() {
			vector.GELU(y[lo:hi], x[lo:hi], int(kind))
		} else {
			geluGo(y[lo:hi], x[lo:hi], kind)
		}
	})
}

func geluBackward32(dx, dy, x []float32, kind GELUKind) {
	kernels.Tiles(len(x), tile, func(lo, hi int) {
		if vector.Available() {
			vector.GELUBackward(dx[lo:hi], dy[lo:hi], x[lo:hi], int(kind))
		} else {
			geluBackwardGo(dx[lo:hi], dy[lo:hi], x[lo:hi], kind)
		}
	})
}

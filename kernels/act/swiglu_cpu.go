package act

import (
	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
)

func swiglu64(y, gate, up []float64) {
	kernels.Tiles(len(y), tile/8, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			value, _ := sigmoid64(gate[i])
			y[i] = gate[i] * value * up[i]
		}
	})
}

func swigluBackward64(dgate, dup, dy, gate, up []float64) {
	kernels.Tiles(len(dy), tile/8, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			v, d, straight := gate[i], dy[i], dy[i]*up[i]
			value, slope := sigmoid64(v)
			dgate[i] = straight * (value + max(-far, min(far, v))*slope)
			dup[i] = d * (v * value)
		}
	})
}

func swiglu32(y, gate, up []float32) {
	kernels.Tiles(len(y), tile, func(lo, hi int) {
		if vector.Available() {
			vector.SwiGLU(y[lo:hi], gate[lo:hi], up[lo:hi])
		} else {
			swigluGo(y[lo:hi], gate[lo:hi], up[lo:hi])
		}
	})
}

func swigluBackward32(dgate, dup, dy, gate, up []float32) {
	kernels.Tiles(len(dy), tile, func(lo, hi int) {
		if vector.Available() {
			vector.SwiGLUBackward(dgate[lo:hi], dup[lo:hi], dy[lo:hi], gate[lo:hi], up[lo:hi])
		} else {
			swigluBackwardGo(dgate[lo:hi], dup[lo:hi], dy[lo:hi], gate[lo:hi], up[lo:hi])
		}
	})
}

package distance

import (
	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
)

// The two loops over a row of dot products, by the C compiler's vectors where the build has them, else in Go. Both
// give the same bits on amd64.

func vectorised[T kernels.Float]() bool {
	return vector.Available() && kernels.TypeOf[T]() == kernels.Float32
}

// scale is out = products (x ys).
func scale[T kernels.Float](out, products, ys []T, x T) {
	ys, out = ys[:len(products)], out[:len(products)]
	if vectorised[T]() {
		vector.ScaleRow(kernels.AsFloat32(out), kernels.AsFloat32(products), kernels.AsFloat32(ys), float32(x))
		return
	}
	scaleLoop(out, products, ys, x)
}

func scaleLoop[T kernels.Float](out, products, ys []T, x T) {
	for j, v := range products {
		out[j] = v * (x * ys[j])
	}
}

// squaredL2Row is out = products + xx + ys, and reports whether any entry has lost its digits.
func squaredL2Row[T kernels.Float](out, products, ys []T, xx, sign T) bool {
	if vectorised[T]() {
		return vector.SquaredL2Row(kernels.AsFloat32(out), kernels.AsFloat32(products), kernels.AsFloat32(ys), float32(xx), float32(sign),
			cancelled)
	}
	return squaredL2Loop(out, products, ys, xx, sign)
}

func squaredL2Loop[T kernels.Float](out, products, ys []T, xx, sign T) bool {
	lost := false
	for j, v := range products {
		t := xx + ys[j]
		v += t
		out[j] = v
		lost = lost || !(sign*(v-t*cancelled) >= 0)
	}
	return lost
}

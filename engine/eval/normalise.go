package eval

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/norm"
)

// normalise is a copy of x [N,D] float32 on its device, with rows of length 1. Rows shorter than 1e-12 are divided
// by that instead, as in torch.nn.functional.normalize. The caller frees it. notFinite is the first row that holds a NaN or an
// infinity, or -1.
func normalise(x *kernels.Array) (unit *kernels.Array, notFinite int) {
	unit = x.Device().Scratch(kernels.Float32, x.Shape()...)
	lengths := x.Device().Scratch(kernels.Float32, x.Dim(0))
	defer lengths.Free()
	norm.L2(unit, lengths, x, 1e-12)
	for i, l := range kernels.Read[float32](lengths) {
		if l-l != 0 && !finite(hostValues(x.Rows(i, i+1))) {
			return unit, i
		}
	}
	return unit, -1
}

// finite tells whether the row has no NaN and no infinity. Its length may still be too large for float32.
func finite(row []float32) bool {
	for _, v := range row {
		if v-v != 0 {
			return false
		}
	}
	return true
}

// hostValues are the elements of a on the host: in place, or a copy from a GPU.
func hostValues(a *kernels.Array) []float32 {
	if a.Device().CUDA() {
		return kernels.Read[float32](a)
	}
	return kernels.Data[float32](a)
}

func dot(x, y []float32) float64 {
	s := 0.0
	y = y[:len(x)]
	for i, v := range x {
		s += float64(v) * float64(y[i])
	}
	return s
}

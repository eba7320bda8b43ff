package whiten

import (
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// Apply is the transform of features [N,C] float32, as the linear layer computes it: a new array [N,d] that the caller frees.
func (t *Transform) Apply(features *kernels.Array) *kernels.Array {
	dev := features.Device()
	w := kernels.Wrap(dev, t.Weight(), t.Dim(), len(t.Mean))
	b := kernels.Wrap(dev, t.Bias(), t.Dim())
	y := dev.New(kernels.Float32, features.Dim(0), t.Dim())
	gemm.Linear(y, features, w, b)
	return y
}

// ScaleTo scales the transform so that the transformed features [N,C] float32 have the given mean length. Features
// that all map to 0 leave it as it is.
func (t *Transform) ScaleTo(features *kernels.Array, length float64) {
	dev := features.Device()
	w := kernels.Wrap(dev, t.Weight(), t.Dim(), len(t.Mean))
	now := MeanNorm(features, w, kernels.Wrap(dev, t.Bias(), t.Dim()))
	if now > 0 {
		t.Projection.Scale(length/now, t.Projection)
	}
}

// MeanNorm is the mean over the features x [N,C] of |weight x + bias|, weight [O,C], bias [O] or nil, all float32: the
// scale at which a linear layer works. 0 when there are no features.
func MeanNorm(features, weight, bias *kernels.Array) float64 {
	n := features.Dim(0)
	if n == 0 {
		return 0
	}
	y := features.Device().New(kernels.Float32, n, weight.Dim(0))
	defer y.Free()
	gemm.Linear(y, features, weight, bias)
	sum := 0.0
	eachRow(y, 0, n, func(_ int, row []float64) {
		square := 0.0
		for _, v := range row {
			square += v * v
		}
		sum += math.Sqrt(square)
	})
	return sum / float64(n)
}

package whiten

import (
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// Apply is the transform of features [N,C] float32, computed like the linear layer: a new array [N,d] on their device
// that the caller frees. It is computed on the host, in float32 whatever the precision of a GPU.
func (t *Transform) Apply(features *kernels.Array) *kernels.Array {
	x := onHost(features)
	w, b := t.layer(x.Device())
	y := x.Device().New(kernels.Float32, x.Dim(0), t.Dim())
	gemm.Linear(y, x, w, b)
	if x == features {
		return y
	}
	defer y.Free()
	return y.To(features.Device())
}

// layer is the transform as weight [d,C] and bias [d] of a linear layer on a CPU device.
func (t *Transform) layer(cpu *kernels.Device) (weight, bias *kernels.Array) {
	return kernels.Wrap(cpu, t.Weight(), t.Dim(), len(t.Mean)), kernels.Wrap(cpu, t.Bias(), t.Dim())
}

// ScaleTo scales the transform so that the transformed features [N,C] float32 have the given mean length. If all features
// map to 0, it changes nothing.
func (t *Transform) ScaleTo(features *kernels.Array, length float64) {
	x := onHost(features)
	w, b := t.layer(x.Device())
	if now := MeanNorm(x, w, b); now > 0 {
		t.Projection.Scale(length/now, t.Projection)
	}
}

// MeanNorm is the mean over the features x [N,C] of |weight x + bias|, weight [O,C], bias [O] or nil, all float32: the
// scale of a linear layer's output. 0 when there are no features. It is computed on the host.
func MeanNorm(features, weight, bias *kernels.Array) float64 {
	n := features.Dim(0)
	if n == 0 {
		return 0
	}
	x := onHost(features)
	y := x.Device().New(kernels.Float32, n, weight.Dim(0))
	defer y.Free()
	gemm.Linear(y, x, onHost(weight), onHost(bias))
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

// onHost is a itself if it is on the CPU, otherwise a copy there: a fit done once a run needs no kernels, and float64
// on the CPU is easy to check. The copy has its own device and is left to the garbage collector, like its memory.
func onHost(a *kernels.Array) *kernels.Array {
	if a == nil || !a.Device().CUDA() {
		return a
	}
	return a.To(kernels.CPU())
}

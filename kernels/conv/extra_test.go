package conv

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// extraCases have more zeros behind the image than before it: TensorFlow's padding of strides 2 and of even kernels, zeros that no
// kernel reaches, and a 1x1 kernel that reads nothing but zeros at the end.
var extraCases = []struct {
	shape

	extra int
}{
	{shape{2, 8, 10, 3, 5, 3, 3, 2, 0}, 1},
	{shape{2, 8, 6, 4, 7, 5, 5, 2, 1}, 1},
	{shape{1, 7, 5, 3, 4, 3, 3, 1, 1}, 2},
	{shape{1, 6, 7, 2, 3, 2, 2, 1, 0}, 1},
	{shape{1, 7, 9, 3, 2, 3, 3, 2, 1}, 1},
	{shape{2, 4, 5, 3, 4, 1, 1, 1, 0}, 1},
	{shape{1, 2, 2, 3, 4, 7, 7, 2, 2}, 1},
}

// TestExtra compares every pass with the loops of the definition, and the gradients with finite differences.
func TestExtra(t *testing.T) {
	for _, c := range extraCases {
		spec := c.spec()
		spec.Extra = c.extra
		for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
			for _, apart := range []bool{false, true} {
				spec.Apart = apart
				c.compareExtra(t, spec, dt)
			}
		}
	}
}

func (s shape) compareExtra(t *testing.T, spec Spec, dt kernels.DType) {
	dev, name := kernels.CPU(), fmt.Sprint(s, spec, dt)
	x, w, b, _ := s.arrays(dev, dt)
	dy := optest.Uniform(dev, dt, 4, -1, 1, s.n, spec.OutSize(s.h, s.kh), spec.OutSize(s.w, s.kw), s.o)
	g := geometryOf("test", dy, x, w, spec)
	out := func(a *kernels.Array) (got, want *kernels.Array) {
		return optest.Poisoned(dev, dt, a.Shape()...), optest.Poisoned(dev, kernels.Float64, a.Shape()...)
	}
	y, wantY := out(dy)
	dx, wantX := out(x)
	dw, wantW := out(w)
	db, wantB := out(b)
	f64 := kernels.Data[float64]
	forwardLoop(f64(wantY), wide(x), wide(w), wide(b), g, false)
	backwardDataLoop(f64(wantX), wide(dy), wide(w), g, false)
	backwardWeightsLoop(f64(wantW), f64(wantB), wide(x), wide(dy), g)
	Forward(y, x, w, b, spec)
	BackwardData(dx, dy, w, spec, false)
	BackwardWeights(dw, db, x, dy, nil, spec)
	optest.Near(t, name+" y", y, wantY, bound(dt, g.patch()+1))
	optest.Near(t, name+" dx", dx, wantX, bound(dt, g.kh*g.kw*g.o))
	optest.Near(t, name+" dw", dw, wantW, bound(dt, g.n*g.oh*g.ow))
	optest.Near(t, name+" db", db, wantB, bound(dt, g.n*g.oh*g.ow))
	if dt == kernels.Float64 {
		f := func() float64 { Forward(y, x, w, b, spec); return optest.Dot(dy, y) }
		optest.Gradient(t, name+" x", dx, x, 1e-3, 1e-8, f)
		optest.Gradient(t, name+" w", dw, w, 1e-3, 1e-8, f)
	}
}

// TestParityExtra has the bounds of TestParity.
func TestParityExtra(t *testing.T) {
	for _, c := range extraCases {
		spec := c.spec()
		spec.Extra = c.extra
		x, w, b, _ := c.tensors()
		dy := parity.Floats(4, -1, 1, c.n, spec.OutSize(c.h, c.kh), spec.OutSize(c.w, c.kw), c.o)
		terms := max(c.kh*c.kw*max(c.c, c.o)+1, c.n*dy.Shape[1]*dy.Shape[2])
		parity.Run(t, parity.Case{
			Name: fmt.Sprint(c.shape, c.extra), Bound: bound(kernels.Float32, terms), In: []parity.Tensor{x, w, b, dy},
			Out: []parity.Tensor{like(dy), like(x), like(w), like(b)},
			Run: func(out, in []*kernels.Array) {
				Forward(out[0], in[0], in[1], in[2], spec)
				BackwardData(out[1], in[3], in[1], spec, false)
				BackwardWeights(out[2], out[3], in[0], in[3], nil, spec)
			},
		})
	}
}

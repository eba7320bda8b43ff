package conv

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/act"
	"udml-gpu/kernels/optest"
)

// shape is a case: image, filters, kernel, stride, padding.
type shape struct{ n, h, w, c, o, kh, kw, stride, pad int }

// shapes have empty, 1-pixel and odd images, every kernel, stride and padding of the networks and more, kernels as
// large as the image, and enough lines for several tiles and parts.
var shapes = []shape{
	{0, 5, 5, 2, 3, 3, 3, 1, 1},
	{2, 1, 1, 3, 2, 1, 1, 1, 0},
	{1, 1, 1, 3, 2, 3, 3, 1, 1},
	{1, 1, 1, 1, 1, 7, 7, 2, 3},
	{3, 5, 7, 4, 5, 1, 1, 1, 0},
	{2, 5, 4, 3, 4, 1, 1, 2, 0},
	{2, 6, 5, 3, 2, 1, 1, 1, 2},
	{2, 7, 5, 3, 4, 3, 3, 1, 0},
	{2, 7, 5, 3, 4, 3, 3, 1, 1},
	{1, 5, 6, 2, 3, 3, 3, 1, 2},
	{1, 4, 5, 2, 3, 3, 3, 1, 3},
	{2, 7, 6, 3, 4, 3, 3, 2, 0},
	{2, 8, 7, 3, 4, 3, 3, 2, 1},
	{1, 9, 9, 2, 3, 3, 3, 3, 2},
	{1, 3, 3, 2, 3, 3, 3, 1, 0},
	{2, 13, 11, 3, 5, 7, 7, 2, 0},
	{1, 9, 10, 3, 2, 7, 7, 2, 3},
	{1, 8, 7, 2, 3, 7, 7, 1, 3},
	{1, 6, 7, 2, 3, 1, 3, 1, 1},
	{2, 6, 7, 2, 3, 3, 2, 2, 1},
	{40, 17, 19, 16, 17, 3, 3, 1, 1},
	{70, 13, 11, 16, 33, 1, 1, 1, 0},
	{9, 23, 21, 17, 16, 3, 3, 2, 1},
}

func (s shape) String() string {
	return fmt.Sprintf("%dx%dx%dx%d,%dx%dx%d,s%dp%d", s.n, s.h, s.w, s.c, s.o, s.kh, s.kw, s.stride, s.pad)
}

func (s shape) spec() Spec { return Spec{Stride: s.stride, Pad: s.pad} }

// arrays are random x, w, b and dy.
func (s shape) arrays(dev *kernels.Device, t kernels.DType) (x, w, b, dy *kernels.Array) {
	x = optest.Uniform(dev, t, 1, -1, 1, s.n, s.h, s.w, s.c)
	w = optest.Uniform(dev, t, 2, -1, 1, s.o, s.kh, s.kw, s.c)
	b = optest.Uniform(dev, t, 3, -1, 1, s.o)
	dy = optest.Uniform(dev, t, 4, -1, 1, s.n, s.spec().OutSize(s.h, s.kh), s.spec().OutSize(s.w, s.kw), s.o)
	return x, w, b, dy
}

// bound is relative to the largest element: a sum of terms products of numbers below 1.
func bound(t kernels.DType, terms int) float64 {
	if t == kernels.Float64 {
		return float64(terms+16) * 0x1p-53
	}
	return float64(terms+16) * 0x1p-24
}

// each runs f on every case in both types, with the arrays also in float64 for the reference.
func each(t *testing.T, f func(t *testing.T, s shape, x, w, b, dy *kernels.Array)) {
	dev := kernels.CPU()
	for _, s := range shapes {
		for _, dtype := range []kernels.DType{kernels.Float32, kernels.Float64} {
			t.Run(fmt.Sprint(s, dtype), func(t *testing.T) {
				x, w, b, dy := s.arrays(dev, dtype)
				f(t, s, x, w, b, dy)
			})
		}
	}
}

func wide(a *kernels.Array) []float64 { return kernels.Data[float64](optest.As(a, kernels.Float64)) }

func TestForward(t *testing.T) {
	each(t, func(t *testing.T, s shape, x, w, b, dy *kernels.Array) {
		g := geometryOf("test", dy, x, w, s.spec())
		for _, relu := range []bool{false, true} {
			for _, bias := range []*kernels.Array{nil, b} {
				want := make([]float64, dy.Len())
				var wideBias []float64
				if bias != nil {
					wideBias = wide(b)
				}
				forwardLoop(want, wide(x), wide(w), wideBias, g, relu)
				y := optest.Poisoned(x.Device(), x.DType(), dy.Shape()...)
				Forward(y, x, w, bias, Spec{Stride: s.stride, Pad: s.pad, ReLU: relu})
				optest.Near(t, "y", y, kernels.Wrap(x.Device(), want, dy.Shape()...), bound(x.DType(), g.patch()))
			}
		}
	})
}

func TestBackwardData(t *testing.T) {
	each(t, func(t *testing.T, s shape, x, w, b, dy *kernels.Array) {
		g := geometryOf("test", dy, x, w, s.spec())
		want := make([]float64, x.Len())
		backwardDataLoop(want, wide(dy), wide(w), g, false)
		dx := optest.Poisoned(x.Device(), x.DType(), x.Shape()...)
		BackwardData(dx, dy, w, s.spec(), false)
		optest.Near(t, "dx", dx, kernels.Wrap(x.Device(), want, x.Shape()...), bound(x.DType(), g.kh*g.kw*g.o))
		backwardDataLoop(want, wide(dy), wide(w), g, true)
		BackwardData(dx, dy, w, s.spec(), true)
		optest.Near(t, "dx twice", dx, kernels.Wrap(x.Device(), want, x.Shape()...), bound(x.DType(), 2*g.kh*g.kw*g.o))
	})
}

func TestBackwardWeights(t *testing.T) {
	each(t, func(t *testing.T, s shape, x, w, b, dy *kernels.Array) {
		g := geometryOf("test", dy, x, w, s.spec())
		want, wantBias := make([]float64, w.Len()), make([]float64, s.o)
		backwardWeightsLoop(want, wantBias, wide(x), wide(dy), g)
		dw, db := optest.Poisoned(x.Device(), x.DType(), w.Shape()...), optest.Poisoned(x.Device(), x.DType(), s.o)
		BackwardWeights(dw, db, x, dy, nil, s.spec())
		terms := g.n * g.oh * g.ow
		optest.Near(t, "dw", dw, kernels.Wrap(x.Device(), want, w.Shape()...), bound(x.DType(), terms))
		optest.Near(t, "db", db, kernels.Wrap(x.Device(), wantBias, s.o), bound(x.DType(), terms))
		alone := optest.Poisoned(x.Device(), x.DType(), s.o)
		BackwardWeights(nil, alone, x, dy, nil, s.spec())
		optest.Near(t, "db alone", alone, db, bound(x.DType(), terms))
		BackwardWeights(dw, nil, x, dy, nil, s.spec())
		optest.Near(t, "dw alone", dw, kernels.Wrap(x.Device(), want, w.Shape()...), bound(x.DType(), terms))
	})
}

// With ReLU, BackwardWeights is itself on a masked gradient, and leaves that behind.
func TestBackwardWeightsMasks(t *testing.T) {
	each(t, func(t *testing.T, s shape, x, w, b, dy *kernels.Array) {
		spec, dev, dt := s.spec(), x.Device(), x.DType()
		spec.ReLU = true
		y := optest.Poisoned(dev, dt, dy.Shape()...)
		Forward(y, x, w, b, spec)
		masked, alone := optest.As(dy, dt), optest.As(dy, dt)
		act.ReLUBackward(masked, dy, y)
		want, got := [2]*kernels.Array{}, [2]*kernels.Array{}
		for _, g := range []*[2]*kernels.Array{&want, &got} {
			*g = [2]*kernels.Array{optest.Poisoned(dev, dt, w.Shape()...), optest.Poisoned(dev, dt, s.o)}
		}
		BackwardWeights(want[0], want[1], x, masked, nil, s.spec())
		BackwardWeights(got[0], got[1], x, dy, y, spec)
		optest.Near(t, "dw", got[0], want[0], 0)
		optest.Near(t, "db", got[1], want[1], 0)
		optest.Near(t, "dy", dy, masked, 0)
		BackwardWeights(nil, nil, x, alone, y, spec)
		optest.Near(t, "dy alone", alone, masked, 0)
	})
}

func TestFiniteDifferences(t *testing.T) {
	dev := kernels.CPU()
	for _, s := range shapes[1:20] {
		x, w, b, dy := s.arrays(dev, kernels.Float64)
		y, dx, dw, db := optest.As(dy, kernels.Float64), optest.As(x, kernels.Float64), optest.As(w, kernels.Float64),
			optest.As(b, kernels.Float64)
		BackwardData(dx, dy, w, s.spec(), false)
		BackwardWeights(dw, db, x, dy, nil, s.spec())
		f := func() float64 { Forward(y, x, w, b, s.spec()); return optest.Dot(dy, y) }
		optest.Gradient(t, fmt.Sprint(s, " dx"), dx, x, 1e-3, 1e-8, f)
		optest.Gradient(t, fmt.Sprint(s, " dw"), dw, w, 1e-3, 1e-8, f)
		optest.Gradient(t, fmt.Sprint(s, " db"), db, b, 1e-3, 1e-8, f)
	}
}

// TestNaN: a NaN pixel reaches the outputs under whose kernel it lies, through the ReLU too, and no others.
func TestNaN(t *testing.T) {
	s := shape{1, 9, 9, 4, 16, 3, 3, 1, 1}
	x, w, b, y := s.arrays(kernels.CPU(), kernels.Float32)
	optest.Set(x, (4*9+4)*4+1, math.NaN())
	Forward(y, x, w, b, Spec{Stride: 1, Pad: 1, ReLU: true})
	for i := range y.Len() {
		row, col := i/16/9, i/16%9
		if want := row >= 3 && row <= 5 && col >= 3 && col <= 5; math.IsNaN(optest.Get(y, i)) != want {
			t.Fatalf("row %d, column %d: %g", row, col, optest.Get(y, i))
		}
	}
}

// TestCores: the same bits on one core and on four.
func TestCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	s := shapes[20]
	x, w, b, dy := s.arrays(kernels.CPU(), kernels.Float32)
	var results [2][]*kernels.Array
	for i, cores := range []int{1, 4} {
		runtime.GOMAXPROCS(cores)
		y, dx, dw, db := optest.As(dy, kernels.Float32), optest.As(x, kernels.Float32), optest.As(w, kernels.Float32),
			optest.As(b, kernels.Float32)
		Forward(y, x, w, b, s.spec())
		BackwardData(dx, dy, w, s.spec(), false)
		BackwardWeights(dw, db, x, dy, nil, s.spec())
		results[i] = []*kernels.Array{y, dx, dw, db}
	}
	for i, a := range results[0] {
		for j, v := range kernels.Data[float32](a) {
			if v != kernels.Data[float32](results[1][i])[j] {
				t.Fatalf("array %d, element %d differs", i, j)
			}
		}
	}
}

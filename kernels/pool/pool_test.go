package pool

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

type shape struct {
	n, h, w, c int
	Spec
}

// shapes have empty, 1-pixel and odd maps, windows that overlap, touch and leave gaps, padding, and windows over the edge.
var shapes = []shape{
	{0, 4, 4, 3, Spec{2, 2, 0, false}},
	{2, 1, 1, 3, Spec{1, 1, 0, false}},
	{1, 1, 1, 2, Spec{3, 2, 1, true}},
	{2, 8, 6, 5, Spec{2, 2, 0, false}},
	{2, 7, 9, 5, Spec{2, 2, 0, true}},
	{1, 7, 5, 1, Spec{3, 2, 0, true}},
	{2, 8, 7, 17, Spec{3, 2, 0, true}},
	{2, 7, 8, 3, Spec{3, 2, 1, false}},
	{2, 8, 8, 3, Spec{3, 2, 1, true}},
	{1, 5, 7, 4, Spec{3, 1, 1, false}},
	{1, 11, 13, 3, Spec{2, 5, 1, true}},
	{1, 9, 9, 2, Spec{7, 1, 3, false}},
	{9, 37, 37, 33, Spec{3, 2, 0, true}},
}

func (s shape) name(t kernels.DType) string {
	return fmt.Sprintf("%dx%dx%dx%d %v %v", s.n, s.h, s.w, s.c, s.Spec, t)
}

// each runs f on each case in both types, with random x and dy.
func each(t *testing.T, f func(t *testing.T, s shape, x, dy *kernels.Array)) {
	dev := kernels.CPU()
	for _, s := range shapes {
		for _, dtype := range []kernels.DType{kernels.Float32, kernels.Float64} {
			t.Run(s.name(dtype), func(t *testing.T) {
				x := optest.Uniform(dev, dtype, 1, -1, 1, s.n, s.h, s.w, s.c)
				f(t, s, x, optest.Uniform(dev, dtype, 2, -1, 1, s.n, s.OutSize(s.h), s.OutSize(s.w), s.c))
			})
		}
	}
}

func wide(a *kernels.Array) []float64 { return kernels.Data[float64](optest.As(a, kernels.Float64)) }

// TestOutSize: torch.nn.MaxPool2d(kernel, stride, pad, ceil_mode) of maps of these sizes.
func TestOutSize(t *testing.T) {
	for _, c := range []struct {
		Spec
		in, want int
	}{
		{Spec{3, 2, 0, true}, 37, 18},
		{Spec{3, 2, 0, true}, 18, 9},
		{Spec{3, 2, 0, true}, 9, 4},
		{Spec{3, 2, 0, false}, 18, 8},
		{Spec{2, 2, 0, true}, 1, 1},
		{Spec{2, 2, 0, false}, 1, 0},
		{Spec{2, 2, 1, true}, 3, 2},
		{Spec{3, 2, 1, true}, 1, 1},
		{Spec{2, 5, 1, true}, 11, 3},
		{Spec{2, 5, 1, true}, 8, 2},
	} {
		if got := c.OutSize(c.in); got != c.want {
			t.Errorf("%+v of %d pixels: %d instead of %d", c.Spec, c.in, got, c.want)
		}
	}
}

func TestMax(t *testing.T) {
	each(t, func(t *testing.T, s shape, x, dy *kernels.Array) {
		for i := 0; i < x.Len(); i += 3 { // equal elements: the first one counts
			optest.Set(x, i, math.Copysign(0.5, optest.Get(x, i)))
		}
		checkMax(t, s, x, dy)
		for i := 0; i < x.Len(); i += 7 {
			optest.Set(x, i, []float64{math.NaN(), -math.NaN(), math.Inf(-1), math.Inf(1)}[i%4])
		}
		checkMax(t, s, x, dy)
	})
}

func checkMax(t *testing.T, s shape, x, dy *kernels.Array) {
	t.Helper()
	g := geometryOf("test", dy, x, s.Spec)
	want, wantAt := make([]float64, dy.Len()), make([]uint8, dy.Len())
	maximumLoop(want, wantAt, wide(x), g)
	y, at := optest.Poisoned(x.Device(), x.DType(), dy.Shape()...), x.Device().New(kernels.Uint8, dy.Shape()...)
	Max(y, at, x, s.Spec)
	optest.Near(t, "y", y, kernels.Wrap(x.Device(), want, dy.Shape()...), 0)
	for i, p := range kernels.Data[uint8](at) {
		if p != wantAt[i] {
			t.Fatalf("element %d: position %d instead of %d", i, p, wantAt[i])
		}
	}
}

func TestMaxBackward(t *testing.T) {
	each(t, func(t *testing.T, s shape, x, dy *kernels.Array) {
		if x.DType() != kernels.Float64 || x.Len() > 2000 {
			return
		}
		y, at := optest.As(dy, kernels.Float64), x.Device().New(kernels.Uint8, dy.Shape()...)
		Max(y, at, x, s.Spec)
		dx := optest.Poisoned(x.Device(), x.DType(), x.Shape()...)
		MaxBackward(dx, dy, at, s.Spec)
		optest.Gradient(t, "dx", dx, x, 1e-7, 1e-6, func() float64 { Max(y, at, x, s.Spec); return optest.Dot(dy, y) })
		narrow := optest.Poisoned(x.Device(), kernels.Float32, x.Shape()...)
		MaxBackward(narrow, optest.As(dy, kernels.Float32), at, s.Spec)
		optest.Near(t, "dx in float32", narrow, dx, 1e-6)
	})
}

func TestAverage(t *testing.T) {
	each(t, func(t *testing.T, s shape, x, dy *kernels.Array) {
		want := make([]float64, dy.Len())
		averageLoop(want, wide(x), geometryOf("test", dy, x, s.Spec))
		y := optest.Poisoned(x.Device(), x.DType(), dy.Shape()...)
		Average(y, x, s.Spec)
		optest.Near(t, "y", y, kernels.Wrap(x.Device(), want, dy.Shape()...), 64*0x1p-24)
		if x.DType() != kernels.Float64 || x.Len() > 2000 {
			return
		}
		dx := optest.Poisoned(x.Device(), x.DType(), x.Shape()...)
		AverageBackward(dx, dy, s.Spec)
		optest.Gradient(t, "dx", dx, x, 1e-3, 1e-8, func() float64 { Average(y, x, s.Spec); return optest.Dot(dy, y) })
	})
}

// TestAverageOverTheEdge: torch.nn.functional.avg_pool2d of 1..9 as 3 x 3, window 2, stride 2, padding 1, ceil.
func TestAverageOverTheEdge(t *testing.T) {
	dev := kernels.CPU()
	x := kernels.Of(dev, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 3, 3, 1)
	y := optest.Poisoned(dev, kernels.Float64, 1, 2, 2, 1)
	Average(y, x, Spec{2, 2, 1, true})
	optest.Near(t, "padding", y, kernels.Of(dev, []float64{0.25, 1.25, 2.75, 7}, 1, 2, 2, 1), 0)
	Average(y, x, Spec{2, 2, 0, true})
	optest.Near(t, "edge", y, kernels.Of(dev, []float64{3, 4.5, 7.5, 9}, 1, 2, 2, 1), 0)
}

func TestGlobal(t *testing.T) {
	each(t, func(t *testing.T, s shape, x, _ *kernels.Array) {
		dev, pixels := x.Device(), s.h*s.w
		want := make([]float64, s.n*s.c)
		for i, v := range wide(x) {
			want[i/(pixels*s.c)*s.c+i%s.c] += v / float64(pixels)
		}
		y := optest.Poisoned(dev, x.DType(), s.n, s.c)
		Global(y, x)
		optest.Near(t, "y", y, kernels.Wrap(dev, want, s.n, s.c), float64(pixels)*0x1p-24)
		dx, sum := optest.Poisoned(dev, x.DType(), x.Shape()...), dev.New(x.DType(), x.Shape()...)
		GlobalBackward(dx, y, false)
		for i := range sum.Len() {
			optest.Set(sum, i, optest.Get(y, i/(pixels*s.c)*s.c+i%s.c)/float64(pixels))
		}
		optest.Near(t, "dx", dx, sum, 0x1p-22)
		GlobalBackward(sum, y, true)
		for i := range dx.Len() {
			optest.Set(dx, i, 2*optest.Get(dx, i))
		}
		optest.Near(t, "dx twice", sum, dx, 0x1p-22)
	})
}

// BenchmarkMax is the first pooling of SqueezeNet at 80 px and of conv4 at 32 px, 128 images.
func BenchmarkMax(b *testing.B) {
	dev := kernels.CPU()
	for _, s := range []shape{{128, 37, 37, 96, Spec{3, 2, 0, true}}, {128, 32, 32, 64, Spec{2, 2, 0, false}}} {
		x := optest.Uniform(dev, kernels.Float32, 1, -1, 1, s.n, s.h, s.w, s.c)
		y := dev.New(kernels.Float32, s.n, s.OutSize(s.h), s.OutSize(s.w), s.c)
		at, dx := dev.New(kernels.Uint8, y.Shape()...), dev.New(kernels.Float32, x.Shape()...)
		b.Run(fmt.Sprint("forward ", s), func(b *testing.B) {
			b.SetBytes(int64(x.Bytes()))
			for b.Loop() {
				Max(y, at, x, s.Spec)
			}
		})
		b.Run(fmt.Sprint("backward ", s), func(b *testing.B) {
			b.SetBytes(int64(x.Bytes()))
			for b.Loop() {
				MaxBackward(dx, y, at, s.Spec)
			}
		})
	}
}

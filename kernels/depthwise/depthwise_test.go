package depthwise

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// shape is a case: image, kernel, stride, padding before and after.
type shape struct{ n, h, w, c, kh, kw, stride, before, after int }

// shapes have empty, 1-pixel and odd images, every kernel, stride and padding of the networks and more, kernels as large as the
// image, padding wider than the kernel, channels below, at and above the 16 that a vector has, and lines for several tiles and parts.
var shapes = []shape{
	{0, 5, 5, 2, 3, 3, 1, 1, 1},
	{2, 3, 0, 4, 3, 3, 1, 2, 2},
	{2, 0, 3, 4, 3, 3, 2, 2, 1},
	{2, 2, 2, 0, 3, 3, 1, 1, 1},
	{2, 1, 1, 3, 1, 1, 1, 0, 0},
	{1, 1, 1, 17, 7, 7, 1, 3, 3},
	{1, 2, 2, 5, 5, 5, 2, 1, 2},
	{2, 7, 5, 16, 3, 3, 1, 1, 1},
	{2, 7, 5, 16, 3, 3, 1, 0, 0},
	{2, 8, 7, 20, 3, 3, 2, 0, 1},
	{2, 7, 8, 33, 3, 3, 2, 1, 1},
	{1, 9, 10, 19, 5, 5, 2, 1, 2},
	{1, 10, 9, 32, 5, 5, 1, 2, 2},
	{2, 11, 13, 18, 7, 7, 1, 3, 3},
	{1, 13, 11, 16, 7, 7, 2, 2, 3},
	{1, 5, 6, 3, 3, 3, 1, 4, 0},
	{1, 9, 9, 4, 3, 3, 3, 2, 0},
	{1, 7, 8, 6, 2, 2, 3, 0, 1},
	{2, 6, 7, 5, 1, 3, 1, 1, 1},
	{1, 6, 7, 21, 4, 2, 2, 1, 2},
	{1, 12, 11, 3, 9, 9, 1, 4, 4},
	{20, 17, 19, 48, 3, 3, 1, 1, 1},
	{9, 23, 21, 35, 5, 5, 2, 2, 2},
}

func (s shape) String() string {
	return fmt.Sprintf("%dx%dx%dx%d,%dx%d,s%dp%d+%d", s.n, s.h, s.w, s.c, s.kh, s.kw, s.stride, s.before, s.after)
}

func (s shape) spec() Spec { return Spec{Stride: s.stride, PadBefore: s.before, PadAfter: s.after} }

// out is the shape of y.
func (s shape) out() []int {
	return []int{s.n, s.spec().OutSize(s.h, s.kh), s.spec().OutSize(s.w, s.kw), s.c}
}

// lines is the number of lines of outputs, and work that of products of a pass.
func (s shape) lines() int { return s.n * s.out()[1] }
func (s shape) work() int  { return s.lines() * s.out()[2] * s.c * s.kh * s.kw }

// arrays are random x, w, b and dy.
func (s shape) arrays(t kernels.DType) (x, w, b, dy *kernels.Array) {
	dev := kernels.CPU()
	x = optest.Uniform(dev, t, 1, -1, 1, s.n, s.h, s.w, s.c)
	w = optest.Uniform(dev, t, 2, -1, 1, s.c, s.kh, s.kw, 1)
	b = optest.Uniform(dev, t, 3, -1, 1, s.c)
	dy = optest.Uniform(dev, t, 4, -1, 1, s.out()...)
	return x, w, b, dy
}

// bound is relative to the largest element: a sum of terms products of numbers below 1.
func bound(t kernels.DType, terms int) float64 {
	if t == kernels.Float64 {
		return float64(terms+16) * 0x1p-53
	}
	return float64(terms+16) * 0x1p-24
}

// each runs f on every case in both types.
func each(t *testing.T, f func(t *testing.T, s shape, x, w, b, dy *kernels.Array)) {
	for _, s := range shapes {
		for _, dtype := range []kernels.DType{kernels.Float32, kernels.Float64} {
			t.Run(fmt.Sprint(s, dtype), func(t *testing.T) {
				x, w, b, dy := s.arrays(dtype)
				f(t, s, x, w, b, dy)
			})
		}
	}
}

func wide(a *kernels.Array) []float64 { return kernels.Data[float64](optest.As(a, kernels.Float64)) }

func TestForward(t *testing.T) {
	each(t, func(t *testing.T, s shape, x, w, b, dy *kernels.Array) {
		g, y := geometryOf("test", dy, x, w, s.spec()), optest.Poisoned(kernels.CPU(), x.DType(), s.out()...)
		want := optest.Poisoned(kernels.CPU(), kernels.Float64, s.out()...)
		for _, bias := range []*kernels.Array{b, nil} {
			var biases []float64
			if bias != nil {
				biases = wide(bias)
			}
			forwardLoop(kernels.Data[float64](want), wide(x), wide(w), biases, g)
			Forward(y, x, w, bias, s.spec())
			optest.Near(t, "y", y, want, bound(x.DType(), s.kh*s.kw+1))
		}
	})
}

func TestBackward(t *testing.T) {
	each(t, func(t *testing.T, s shape, x, w, b, dy *kernels.Array) {
		dev, dt, g := kernels.CPU(), x.DType(), geometryOf("test", dy, x, w, s.spec())
		like := func(a *kernels.Array) (got, want *kernels.Array) {
			return optest.Poisoned(dev, dt, a.Shape()...), optest.Poisoned(dev, kernels.Float64, a.Shape()...)
		}
		dx, wantX := like(x)
		dataLoop(kernels.Data[float64](wantX), wide(dy), wide(w), g, false)
		BackwardData(dx, dy, w, s.spec(), false)
		optest.Near(t, "dx", dx, wantX, bound(dt, s.kh*s.kw))
		dataLoop(kernels.Data[float64](wantX), wide(dy), wide(w), g, true)
		BackwardData(dx, dy, w, s.spec(), true)
		optest.Near(t, "dx added", dx, wantX, bound(dt, s.kh*s.kw+1))
		dw, wantW := like(w)
		db, wantB := like(b)
		weightsLoop(kernels.Data[float64](wantW), kernels.Data[float64](wantB), wide(x), wide(dy), g)
		BackwardWeights(dw, db, x, dy, s.spec())
		// sums over pixels of random signs grow as the root of their number, errors no faster
		optest.Near(t, "dw", dw, wantW, bound(dt, s.out()[2]+s.lines()/parts+parts))
		optest.Near(t, "db", db, wantB, bound(dt, s.lines()*s.out()[2]))
	})
}

func TestGradient(t *testing.T) {
	for _, s := range shapes {
		if s.work() > 100_000 {
			continue
		}
		x, w, b, dy := s.arrays(kernels.Float64)
		y, dx := optest.Poisoned(kernels.CPU(), kernels.Float64, s.out()...), optest.Poisoned(kernels.CPU(), kernels.Float64, x.Shape()...)
		dw, db := optest.Poisoned(kernels.CPU(), kernels.Float64, w.Shape()...), optest.Poisoned(kernels.CPU(), kernels.Float64, s.c)
		BackwardData(dx, dy, w, s.spec(), false)
		BackwardWeights(dw, db, x, dy, s.spec())
		BackwardData(nil, dy, w, s.spec(), false)
		loss := func() float64 { Forward(y, x, w, b, s.spec()); return optest.Dot(dy, y) }
		// the loss is linear in each: what is left is rounding, some hundred terms over the step
		optest.Gradient(t, s.String()+" x", dx, x, 1e-2, 1e-10, loss)
		optest.Gradient(t, s.String()+" w", dw, w, 1e-2, 1e-10, loss)
		optest.Gradient(t, s.String()+" b", db, b, 1e-2, 1e-10, loss)
	}
}

// TestSameBits: the loops in C and in Go agree in every bit, for all shapes and both passes.
func TestSameBits(t *testing.T) {
	if !vector.Available() || runtime.GOARCH != "amd64" {
		t.Skip("without the loops in C, or where Go fuses products with sums")
	}
	for _, s := range shapes {
		x, w, b, dy := s.arrays(kernels.Float32)
		if x.Len() == 0 || dy.Len() == 0 {
			continue
		}
		g := geometryOf("test", dy, x, w, s.spec())
		in, out, weights := kernels.Data[float32](x), kernels.Data[float32](dy), kernels.Data[float32](w)
		v := make([]float32, len(weights))
		turn(v, weights, g.c, g.taps())
		for at := range g.n * g.oh {
			l, row, tap := g.below(at)
			from, grad := in[row*g.w*g.c:], out[at*g.ow*g.c:(at+1)*g.ow*g.c]
			compareLines(t, s, grad, from, v, kernels.Data[float32](b), tap*g.kw, l)
			got, want := make([]float32, len(v)), make([]float32, len(v))
			got[0], want[0] = 1, 1
			addWeights(got, grad, from, l)
			addWeightsGo(want, grad, from, l)
			sameBits(t, s, got, want)
		}
		for at := range g.n * g.h {
			rows := g.above(at%g.h, g.kh, g.oh)
			for first := range min(g.stride, g.w) {
				l, from, tap := g.columns(rows, first)
				l.Add = at%2 == 0
				compareLines(t, s, in[(at*g.w+first)*g.c:(at+1)*g.w*g.c], out[(at/g.h*g.oh+from)*g.ow*g.c:], v, nil, tap, l)
			}
		}
	}
}

// compareLines runs both loops over a line that holds y at first.
func compareLines(t *testing.T, s shape, y, x, w, start []float32, first int, l run) {
	t.Helper()
	got, want := append([]float32(nil), y...), append([]float32(nil), y...)
	correlate(got, x, w, start, first, l)
	correlateGo(want, x, w, start, first, l)
	sameBits(t, s, got, want)
}

func sameBits(t *testing.T, s shape, got, want []float32) {
	t.Helper()
	for i, w := range want {
		if math.Float32bits(got[i]) != math.Float32bits(w) {
			t.Fatalf("%v: element %d is %g, want %g", s, i, got[i], w)
		}
	}
}

// TestApart: an image has the same bytes alone and among others.
func TestApart(t *testing.T) {
	s := shape{5, 9, 11, 37, 3, 3, 2, 0, 1}
	x, w, b, _ := s.arrays(kernels.Float32)
	all := optest.Poisoned(kernels.CPU(), kernels.Float32, s.out()...)
	Forward(all, x, w, b, s.spec())
	size, in := all.Len()/s.n, x.Len()/s.n
	for i := range s.n {
		y := optest.Poisoned(kernels.CPU(), kernels.Float32, append([]int{1}, s.out()[1:]...)...)
		Forward(y, x.View(i*in, 1, s.h, s.w, s.c), w, b, s.spec())
		sameBits(t, s, kernels.Data[float32](y), kernels.Data[float32](all)[i*size:(i+1)*size])
	}
}

func TestRefuses(t *testing.T) {
	s := shape{1, 5, 5, 3, 3, 3, 1, 1, 1}
	x, w, b, y := s.arrays(kernels.Float32)
	_, other, wrong, _ := shape{1, 5, 5, 4, 3, 3, 1, 1, 1}.arrays(kernels.Float32)
	_, double, _, _ := s.arrays(kernels.Float64)
	for name, call := range map[string]func(){
		"filters": func() { Forward(y, x, other, b, s.spec()) },
		"bias":    func() { Forward(y, x, w, wrong, s.spec()) },
		"output":  func() { Forward(y, x, w, b, Spec{Stride: 1}) },
		"stride":  func() { Forward(y, x, w, b, Spec{PadBefore: 1, PadAfter: 1}) },
		"padding": func() { Forward(y, x, w, b, Spec{Stride: 1, PadBefore: 3, PadAfter: -1}) },
		"dtype":   func() { Forward(y, x, double, b, s.spec()) },
		"data":    func() { BackwardData(x, y, other, s.spec(), false) },
		"weights": func() { BackwardWeights(other, nil, x, y, s.spec()) },
		"db":      func() { BackwardWeights(nil, wrong, x, y, s.spec()) },
	} {
		optest.Refuses(t, "depthwise.", name, call)
	}
}

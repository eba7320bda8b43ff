package conv

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"udml-gpu/cgo/onednn"
	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// librarySet are sizes that the library takes, with several tiles, parts of unequal length and strides that leave lines over.
var librarySet = []shape{
	{37, 9, 9, 16, 33, 3, 3, 1, 1},
	{5, 13, 11, 3, 16, 7, 7, 2, 3},
	{33, 8, 7, 32, 48, 3, 3, 2, 1},
	{18, 6, 6, 24, 40, 1, 1, 1, 0},
	{3, 32, 32, 16, 16, 3, 3, 1, 1},
}

// needLibrary leaves a test out where there is no oneDNN.
func needLibrary(t *testing.T) {
	t.Helper()
	if name, why := Backend(); name == OwnCode {
		t.Skip("no oneDNN on this machine: " + why)
	}
}

// results are the library's y, dx, dw and db, whether or not it is faster; nil where it has no code.
func (s shape) results(x, w, b, dy *kernels.Array) [4]*kernels.Array {
	dev, f := kernels.CPU(), kernels.Data[float32]
	g := geometryOf("test", dy, x, w, s.spec())
	like := func(a *kernels.Array) *kernels.Array { return optest.Poisoned(dev, kernels.Float32, a.Shape()...) }
	r := [4]*kernels.Array{like(dy), like(x), like(w), like(b)}
	if !forwardLibrary(f(r[0]), f(x), f(w), f(b), g, true) {
		r[0] = nil
	}
	if !backwardDataLibrary(f(r[1]), f(dy), f(w), g, false) {
		r[1] = nil
	}
	if !backwardWeightsLibrary(f(r[2]), f(r[3]), f(x), f(dy), nil, g) {
		r[2], r[3] = nil, nil
	}
	return r
}

// TestCPULibrary: the library's passes are those of the loops, to the bounds of the own code, and the same bits on any number of cores.
func TestCPULibrary(t *testing.T) {
	needLibrary(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	taken := 0
	for _, s := range librarySet {
		x, w, b, dy := s.arrays(kernels.CPU(), kernels.Float32)
		g := geometryOf("test", dy, x, w, s.spec())
		want := [4][]float64{make([]float64, dy.Len()), make([]float64, x.Len()), make([]float64, w.Len()), make([]float64, b.Len())}
		forwardLoop(want[0], wide(x), wide(w), wide(b), g, true)
		backwardDataLoop(want[1], wide(dy), wide(w), g, false)
		backwardWeightsLoop(want[2], want[3], wide(x), wide(dy), g)
		terms := [4]int{g.patch(), g.kh * g.kw * g.o, g.n * g.oh * g.ow, g.n * g.oh * g.ow}
		runtime.GOMAXPROCS(4)
		got := s.results(x, w, b, dy)
		runtime.GOMAXPROCS(1)
		again := s.results(x, w, b, dy)
		for i, a := range got {
			if a == nil {
				continue
			}
			taken++
			optest.Near(t, s.String(), a, kernels.Wrap(kernels.CPU(), want[i], a.Shape()...), bound(kernels.Float32, terms[i]))
			if !slices.Equal(kernels.Data[float32](a), kernels.Data[float32](again[i])) {
				t.Errorf("%v, array %d: other bits on other cores", s, i)
			}
		}
	}
	if onednn.Wide() && taken < 4*len(librarySet)-2 {
		t.Errorf("the library took %d of %d", taken, 4*len(librarySet))
	}
}

// TestCPULibraryAdds: the library's gradient of x is added to the old one, and its weight gradient masks as own code does.
func TestCPULibraryAdds(t *testing.T) {
	needLibrary(t)
	s, f := librarySet[0], kernels.Data[float32]
	x, w, b, dy := s.arrays(kernels.CPU(), kernels.Float32)
	g := geometryOf("test", dy, x, w, s.spec())
	r := s.results(x, w, b, dy)
	if slices.Contains(r[:], nil) {
		t.Skip("no oneDNN on this machine that has fast code for the shape")
	}
	want := slices.Clone(f(x))
	for i, v := range f(r[1]) {
		want[i] += v
	}
	backwardDataLibrary(f(x), f(dy), f(w), g, true)
	if !slices.Equal(f(x), want) {
		t.Error("what is added is not the gradient")
	}
	x, _, _, _ = s.arrays(kernels.CPU(), kernels.Float32)
	masked := optest.As(dy, kernels.Float32)
	for i, v := range f(r[0]) {
		if v == 0 {
			f(masked)[i] = 0
		}
	}
	alone := s.results(x, w, b, masked)
	backwardWeightsLibrary(f(r[2]), f(r[3]), f(x), f(dy), f(r[0]), g)
	if !slices.Equal(f(dy), f(masked)) || !slices.Equal(f(r[2]), f(alone[2])) || !slices.Equal(f(r[3]), f(alone[3])) {
		t.Error("with a mask, not the gradients of a masked dy")
	}
}

// TestCPULibraryKeepsImagesApart: an image has the same bytes alone and at each place of a batch, in training too, and a NaN stays NaN
// behind a ReLU.
func TestCPULibraryKeepsImagesApart(t *testing.T) {
	needLibrary(t)
	for _, s := range librarySet {
		x, w, b, dy := s.arrays(kernels.CPU(), kernels.Float32)
		optest.Set(x, 0, math.NaN())
		for i := range s.n - 1 {
			x.Rows(i+1, i+2).CopyFrom(x.Rows(0, 1))
		}
		y := s.results(x, w, b, dy)[0]
		one := s
		one.n = 1
		alone := one.results(x.Rows(0, 1), w, b, dy.Rows(0, 1))[0]
		if y == nil || alone == nil {
			continue
		}
		if !math.IsNaN(optest.Get(alone, 0)) {
			t.Errorf("%v: a NaN pixel gives %g", s, optest.Get(alone, 0))
		}
		first := bits(alone)
		for i := range s.n {
			if !slices.Equal(bits(y.Rows(i, i+1)), first) {
				t.Errorf("%v: image %d differs from the same image alone", s, i)
			}
		}
	}
}

// bits are the patterns of a's numbers, which compare NaN too.
func bits(a *kernels.Array) []uint32 {
	var list []uint32
	for _, v := range kernels.Data[float32](a) {
		list = append(list, math.Float32bits(v))
	}
	return list
}

// TestFaster: the choice, which must not depend on the number of images.
func TestFaster(t *testing.T) {
	type choice struct{ forward, data, weights, narrowData, narrowWeights bool }
	for s, want := range map[shape]choice{
		{128, 18, 18, 16, 64, 3, 3, 1, 1}:      {true, true, true, true, false},
		{128, 18, 18, 64, 64, 3, 3, 2, 1}:      {true, true, true, false, false},
		{128, 80, 80, 3, 96, 7, 7, 2, 0}:       {true, false, true, false, true},
		{128, 18, 18, 128, 16, 1, 1, 1, 0}:     {},
		{128, 14, 14, 256, 1024, 1, 1, 1, 0}:   {true, true, true, true, false},
		{128, 1, 1, 2048, 512, 1, 1, 1, 0}:     {},
		{128, 2, 2, 512, 512, 3, 3, 1, 1}:      {true, true, false, true, false},
		{128, 56, 56, 256, 512, 1, 1, 2, 0}:    {},
		{128, 12, 12, 192, 192, 1, 7, 1, 0}:    {true, true, true, true, false},
		{128, 32, 32, 16, 1 << 14, 1, 1, 1, 0}: {true, true, true, true, false},
	} {
		for _, n := range []int{1, s.n} {
			g := geometry{
				n: n, h: s.h, w: s.w, c: s.c, oh: s.spec().OutSize(s.h, s.kh), ow: s.spec().OutSize(s.w, s.kw), o: s.o,
				kh: s.kh, kw: s.kw, stride: s.stride, pad: s.pad,
			}
			got := choice{
				g.faster(onednn.Forward, true), g.faster(onednn.BackwardData, true), g.faster(onednn.BackwardWeights, true),
				g.faster(onednn.BackwardData, false), g.faster(onednn.BackwardWeights, false),
			}
			if got != want {
				t.Errorf("%v: %+v, want %+v", s, got, want)
			}
			if g.faster(onednn.Forward, false) != want.forward {
				t.Errorf("%v: another forward pass without AVX-512", s)
			}
		}
	}
}

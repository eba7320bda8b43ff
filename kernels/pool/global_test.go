package pool

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// powers are the usual generalised mean, the plain mean of what is above a threshold, and one whose power is no whole number.
var powers = []Power{GeM3, {1, 0.25}, {2.5, 0.5}}

// eachMap runs f on each map of globalShapes in both types, with random x and dy.
func eachMap(t *testing.T, f func(t *testing.T, x, dy *kernels.Array)) {
	dev := kernels.CPU()
	for _, s := range globalShapes {
		for _, dtype := range []kernels.DType{kernels.Float32, kernels.Float64} {
			t.Run(fmt.Sprint(s, dtype), func(t *testing.T) {
				f(t, optest.Uniform(dev, dtype, 1, -1, 3, s[:]...), optest.Uniform(dev, dtype, 2, -1, 1, s[0], s[3]))
			})
		}
	}
}

func TestGlobalMax(t *testing.T) {
	eachMap(t, func(t *testing.T, x, dy *kernels.Array) {
		for i := 0; i < x.Len(); i += 3 { // equal elements: the first one counts
			optest.Set(x, i, 2.75)
		}
		checkGlobalMax(t, x, dy)
		for i := 0; i < x.Len(); i += 7 {
			optest.Set(x, i, []float64{math.NaN(), -math.NaN(), math.Inf(-1), math.Inf(1)}[i%4])
		}
		checkGlobalMax(t, x, dy)
		for i := range x.Len() {
			optest.Set(x, i, math.Inf(-1))
		}
		checkGlobalMax(t, x, dy)
	})
}

func checkGlobalMax(t *testing.T, x, dy *kernels.Array) {
	t.Helper()
	want, wantAt := make([]float64, dy.Len()), make([]int32, dy.Len())
	globalMaxLoop(want, wantAt, wide(x), mapOf(x))
	y, at := optest.Poisoned(x.Device(), x.DType(), dy.Shape()...), kernels.Of(x.Device(), make([]int32, dy.Len()), dy.Shape()...)
	for i := range at.Len() {
		kernels.Data[int32](at)[i] = -7
	}
	GlobalMax(y, at, x)
	optest.Near(t, "y", y, kernels.Wrap(x.Device(), want, dy.Shape()...), 0)
	for i, p := range kernels.Data[int32](at) {
		if p != wantAt[i] {
			t.Fatalf("element %d: pixel %d instead of %d", i, p, wantAt[i])
		}
	}
}

// TestGlobalMaxPlaces: the first of equals, the last NaN, as torch's adaptive_max_pool2d(x, 1, return_indices=True) of this map.
func TestGlobalMaxPlaces(t *testing.T) {
	nan, dev := math.NaN(), kernels.CPU()
	x := kernels.Of(dev, []float64{1, 5, nan, 3, 5, 2, 3, 1, nan, 0, 5, 7}, 1, 2, 2, 3)
	y, at := optest.Poisoned(dev, kernels.Float64, 1, 3), dev.New(kernels.Int32, 1, 3)
	GlobalMax(y, at, x)
	optest.Near(t, "y", y, kernels.Of(dev, []float64{3, 5, nan}, 1, 3), 0)
	if p := kernels.Data[int32](at); p[0] != 1 || p[1] != 0 || p[2] != 2 {
		t.Errorf("pixels %v", p)
	}
}

func TestGlobalMaxBackward(t *testing.T) {
	eachMap(t, func(t *testing.T, x, dy *kernels.Array) {
		if x.DType() != kernels.Float64 || x.Len() > 3000 {
			return
		}
		y, at := optest.As(dy, kernels.Float64), x.Device().New(kernels.Int32, dy.Shape()...)
		GlobalMax(y, at, x)
		dx := optest.Poisoned(x.Device(), x.DType(), x.Shape()...)
		GlobalMaxBackward(dx, dy, at, false)
		optest.Gradient(t, "dx", dx, x, 1e-7, 1e-6, func() float64 { GlobalMax(y, at, x); return optest.Dot(dy, y) })
		checkAdds(t, dx, func(sum *kernels.Array) { GlobalMaxBackward(sum, dy, at, true) })
		GlobalMaxBackward(nil, dy, at, false)
	})
}

// checkAdds holds a backward function that accumulates against one that did not: from dx it must make twice dx.
func checkAdds(t *testing.T, dx *kernels.Array, accumulate func(sum *kernels.Array)) {
	t.Helper()
	sum, want := optest.As(dx, dx.DType()), optest.As(dx, dx.DType())
	for i := range want.Len() {
		optest.Set(want, i, 2*optest.Get(dx, i))
	}
	accumulate(sum)
	optest.Near(t, "dx twice", sum, want, 0)
}

func TestGeM(t *testing.T) {
	eachMap(t, func(t *testing.T, x, dy *kernels.Array) {
		for _, p := range powers {
			want := make([]float64, dy.Len())
			gemLoop(want, wide(x), mapOf(x), p)
			y := optest.Poisoned(x.Device(), x.DType(), dy.Shape()...)
			GeM(y, x, p)
			// in float64 the cube root and the power 1/3 differ in the last digits
			bound := map[kernels.DType]float64{kernels.Float32: gemBound(x), kernels.Float64: 1e-13}[x.DType()]
			optest.Near(t, fmt.Sprint(p), y, kernels.Wrap(x.Device(), want, dy.Shape()...), bound)
		}
	})
}

// gemBound is the relative error of a sum of so many powers, and of the powers and the root, in float32.
func gemBound(x *kernels.Array) float64 { return float64(x.Dim(1)*x.Dim(2)+16) * 0x1p-24 }

func TestGeMBackward(t *testing.T) {
	eachMap(t, func(t *testing.T, x, dy *kernels.Array) {
		if x.DType() != kernels.Float64 || x.Len() > 3000 {
			return
		}
		for _, p := range powers {
			y, dx := optest.As(dy, kernels.Float64), optest.Poisoned(x.Device(), x.DType(), x.Shape()...)
			GeM(y, x, p)
			GeMBackward(dx, dy, x, y, p, false)
			optest.Gradient(t, fmt.Sprint(p), dx, x, 1e-5, 1e-6, func() float64 {
				z := optest.As(dy, kernels.Float64)
				GeM(z, x, p)
				return optest.Dot(dy, z)
			})
			checkAdds(t, dx, func(sum *kernels.Array) { GeMBackward(sum, dy, x, y, p, true) })
			GeMBackward(nil, dy, x, y, p, false)
		}
	})
}

// TestGeMExtremes: a map of zeros gives Least, and NaN and infinities pass through as in torch.
func TestGeMExtremes(t *testing.T) {
	dev, inf := kernels.CPU(), math.Inf(1)
	x := kernels.Of(dev, []float64{0, inf, math.NaN(), -inf, 0, 1, 1, 8}, 1, 1, 2, 4)
	y := optest.Poisoned(dev, kernels.Float64, 1, 4)
	GeM(y, x, GeM3)
	want := kernels.Of(dev, []float64{1e-6, inf, math.NaN(), math.Pow((1e-18+512)/2, 1./3)}, 1, 4)
	optest.Near(t, "y", y, want, 1e-15)
	if got := optest.Get(y, 0); !(math.Abs(got-1e-6) <= 1e-20) {
		t.Errorf("a map of zeros gives %g", got)
	}
}

// TestGlobalRefuses: arrays and constants that do not fit.
func TestGlobalRefuses(t *testing.T) {
	dev := kernels.CPU()
	x, y, at := dev.New(kernels.Float32, 1, 2, 2, 3), dev.New(kernels.Float32, 1, 3), dev.New(kernels.Int32, 1, 3)
	wide, bytes := dev.New(kernels.Float32, 1, 4), dev.New(kernels.Uint8, 1, 3)
	for name, call := range map[string]func(){
		"width": func() { GlobalMax(wide, at, x) }, "places": func() { GlobalMax(y, bytes, x) },
		"gradient": func() { GlobalMaxBackward(x, wide, at, false) },
		"power":    func() { GeM(y, x, Power{0.5, 1}) }, "NaN": func() { GeM(y, x, Power{math.NaN(), 1}) },
		"least": func() { GeM(y, x, Power{3, 0}) }, "of y": func() { GeMBackward(x, y, x, wide, GeM3, false) },
	} {
		optest.Refuses(t, "pool.", name, call)
	}
}

// BenchmarkGlobal is the poolings of SqueezeNet's last map at 224 px, 64 images.
func BenchmarkGlobal(b *testing.B) {
	dev := kernels.CPU()
	x := optest.Uniform(dev, kernels.Float32, 1, -1, 1, 64, 13, 13, 512)
	y, at, dx := dev.New(kernels.Float32, 64, 512), dev.New(kernels.Int32, 64, 512), dev.New(kernels.Float32, x.Shape()...)
	for name, run := range map[string]func(){
		"mean": func() { Global(y, x) }, "max": func() { GlobalMax(y, at, x) }, "gem": func() { GeM(y, x, GeM3) },
		"mean backward": func() { GlobalBackward(dx, y, false) }, "max backward": func() { GlobalMaxBackward(dx, y, at, false) },
		"gem backward": func() { GeMBackward(dx, y, x, y, GeM3, false) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(x.Bytes()))
			for b.Loop() {
				run()
			}
		})
	}
}

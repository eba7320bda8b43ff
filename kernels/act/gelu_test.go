package act

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

var geluKinds = map[string]GELUKind{"erf": GELUErf, "tanh": GELUTanh, "quick": GELUQuick}

// everySize is each float32 from 2^-30 to 2^8 in steps of 2^12 units, of both signs, with zeros, infinities and NaN.
func everySize() []float32 {
	x := []float32{0, float32(math.Copysign(0, -1)), float32(inf), float32(-inf), float32(nan), 1e-42, -1e-42, 1e30, -1e30}
	for b := math.Float32bits(0x1p-30); b < math.Float32bits(256); b += 1 << 12 {
		x = append(x, math.Float32frombits(b), -math.Float32frombits(b))
	}
	return x
}

// TestGELUError: the bounds of the contract, over numbers of every size.
func TestGELUError(t *testing.T) {
	const unit = 0x1p-24
	x := everySize()
	y, dx, one := make([]float32, len(x)), make([]float32, len(x)), make([]float32, len(x))
	for i := range one {
		one[i] = 1
	}
	for name, kind := range geluKinds {
		gelu32(y, x, kind)
		geluBackward32(dx, one, x, kind)
		worst, worstSlope := 0.0, 0.0
		for i, v := range x {
			if v := float64(v); !(math.Abs(v) <= 256) {
				if wantY, wantD := limits(v); !same(float64(y[i]), wantY) || !same(float64(dx[i]), wantD) {
					t.Errorf("%s of %g: %g and %g, want %g and %g", name, v, y[i], dx[i], wantY, wantD)
				}
				continue
			}
			g, slope := geluGate(float64(v), kind)
			allowed := (8-4*math.Log(max(g, 1e-40)))*unit*g + 0x1p-125 // the last where G is below the smallest normal number
			off := math.Abs(float64(y[i]) - float64(v)*g)
			worst = max(worst, off/(math.Abs(float64(v))*g+0x1p-100)/unit)
			if !(off <= math.Abs(float64(v))*allowed) {
				t.Fatalf("%s of %g is %g, want %g", name, v, y[i], float64(v)*g)
			}
			off = math.Abs(float64(dx[i]) - (g + float64(v)*slope))
			if worstSlope = max(worstSlope, off/unit); !(off <= 16*unit) {
				t.Fatalf("derivative of %s at %g is %g, want %g", name, v, dx[i], g+float64(v)*slope)
			}
		}
		t.Logf("%s: within %.1f units of 2^-24 of y, derivative within %.1f", name, worst, worstSlope)
	}
}

// limits are GELU and its derivative far from zero.
func limits(x float64) (y, dx float64) {
	switch {
	case math.IsNaN(x):
		return nan, nan
	case math.IsInf(x, -1):
		return nan, 0
	case x < 0:
		return 0, 0
	}
	return x, 1
}

func same(got, want float64) bool { return got == want || math.IsNaN(got) && math.IsNaN(want) }

// TestGELULoops: the loops in C and in Go have the same bits, for SwiGLU too.
func TestGELULoops(t *testing.T) {
	if !vector.Available() {
		t.Skip("without the loops in C")
	}
	x := everySize()
	up := kernels.Data[float32](optest.Uniform(kernels.CPU(), kernels.Float32, 1, -2, 2, len(x)))
	dy := kernels.Data[float32](optest.Uniform(kernels.CPU(), kernels.Float32, 2, -2, 2, len(x)))
	c, own := make([]float32, 2*len(x)), make([]float32, 2*len(x)) // a backward pass of SwiGLU has two results
	first, second := func(a []float32) []float32 { return a[:len(x)] }, func(a []float32) []float32 { return a[len(x):] }
	type loop struct{ inC, inGo func() }
	loops := map[string]loop{
		"swiglu": {func() { vector.SwiGLU(first(c), x, up) }, func() { swigluGo(first(own), x, up) }},
		"swiglu backward": {
			func() { vector.SwiGLUBackward(first(c), second(c), dy, x, up) },
			func() { swigluBackwardGo(first(own), second(own), dy, x, up) },
		},
	}
	for name, kind := range geluKinds {
		loops[name] = loop{func() { vector.GELU(first(c), x, int(kind)) }, func() { geluGo(first(own), x, kind) }}
		loops[name+" backward"] = loop{
			func() { vector.GELUBackward(first(c), dy, x, int(kind)) }, func() { geluBackwardGo(first(own), dy, x, kind) },
		}
	}
	for name, l := range loops {
		clear(c)
		clear(own)
		l.inC()
		l.inGo()
		for i, w := range own {
			if g := c[i]; math.Float32bits(g) != math.Float32bits(w) && (g == g || w == w) {
				t.Fatalf("%s of %g is %g in C, %g in Go", name, x[i%len(x)], g, w)
			}
		}
	}
}

func TestGELU(t *testing.T) {
	dev, f64 := kernels.CPU(), kernels.Float64
	for name, kind := range geluKinds {
		for _, n := range sizes {
			x, dy := optest.Uniform(dev, f64, 1, -6, 6, n), optest.Uniform(dev, f64, 2, -1, 1, n)
			y, dx := optest.Poisoned(dev, f64, n), optest.Poisoned(dev, f64, n)
			GELU(y, x, kind)
			GELUBackward(dx, dy, x, kind)
			x32, dy32 := optest.As(x, kernels.Float32), optest.As(dy, kernels.Float32)
			y32, dx32 := optest.Poisoned(dev, kernels.Float32, n), optest.Poisoned(dev, kernels.Float32, n)
			GELU(y32, x32, kind)
			GELUBackward(dx32, dy32, x32, kind)
			optest.Near(t, fmt.Sprint(name, n), y32, y, 6*0x1p-24)
			optest.Near(t, fmt.Sprint(name, n, " backward"), dx32, dx, 17*0x1p-24)
			GELUBackward(dy32, dy32, x32, kind)
			GELU(x32, x32, kind)
			optest.Near(t, fmt.Sprint(name, n, " in place"), x32, y32, 0)
			optest.Near(t, fmt.Sprint(name, n, " backward in place"), dy32, dx32, 0)
			if n > 0 && n < tile/2 {
				optest.Gradient(t, name, dx, x, 1e-5, 1e-8, func() float64 { GELU(y, x, kind); return optest.Dot(dy, y) })
			}
		}
		GELUBackward(nil, nil, nil, kind)
	}
}

// BenchmarkGELU is that of ViT-S at 224 px, 16 images.
func BenchmarkGELU(b *testing.B) {
	dev := kernels.CPU()
	x := optest.Uniform(dev, kernels.Float32, 1, -3, 3, 16, 197, 1536)
	y, dx := dev.New(kernels.Float32, x.Shape()...), dev.New(kernels.Float32, x.Shape()...)
	for name, kind := range geluKinds {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(2 * x.Bytes()))
			for b.Loop() {
				GELU(y, x, kind)
			}
		})
		b.Run(name+"/backward", func(b *testing.B) {
			b.SetBytes(int64(3 * x.Bytes()))
			for b.Loop() {
				GELUBackward(dx, y, x, kind)
			}
		})
	}
}

package rope

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// ropeCase is images of h x w patches behind prefix tokens, and heads of 2 half columns.
type ropeCase struct{ images, h, w, prefix, heads, half int }

// cases have no image, single patches, grids that are not square, no prefix, and more tokens than a tile.
var cases = []ropeCase{
	{0, 2, 2, 1, 1, 2},
	{1, 1, 1, 0, 1, 2},
	{2, 2, 3, 1, 2, 4},
	{1, 5, 2, 5, 3, 6},
	{2, 4, 7, 5, 1, 32},
	{1, 3, 1, 0, 2, 18},
	{2, 14, 10, 1, 3, 32},
}

func (c ropeCase) shape() []int { return []int{c.images, c.prefix + c.h*c.w, 6 * c.heads * c.half} }

func (c ropeCase) String() string {
	return fmt.Sprintf("%d-%dx%d+%d-%dx%d", c.images, c.h, c.w, c.prefix, c.heads, 2*c.half)
}

func (c ropeCase) tables(dt kernels.DType) (cos, sin *kernels.Array) {
	cos, sin = optest.Poisoned(kernels.CPU(), dt, c.h*c.w, c.half), optest.Poisoned(kernels.CPU(), dt, c.h*c.w, c.half)
	Table(cos, sin, c.h, c.w, 100)
	return cos, sin
}

func (c ropeCase) sizes(sign float64) sizes {
	return sizes{c.prefix + c.h*c.w, c.prefix, c.heads, c.half, sign}
}

func TestForward(t *testing.T) {
	for _, c := range cases {
		for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
			cos, sin := c.tables(dt)
			x, y := optest.Uniform(kernels.CPU(), dt, 1, -1, 1, c.shape()...), optest.Poisoned(kernels.CPU(), dt, c.shape()...)
			want := optest.Poisoned(kernels.CPU(), kernels.Float64, c.shape()...)
			forwardLoop(kernels.Data[float64](want), wide(x), wide(cos), wide(sin), c.sizes(1))
			Forward(y, x, cos, sin, c.heads, c.prefix)
			bound := map[kernels.DType]float64{kernels.Float32: 3 * 0x1p-24, kernels.Float64: 3 * 0x1p-53}[dt] // two products and a sum
			optest.Near(t, c.String(), y, want, bound)
			Forward(x, x, cos, sin, c.heads, c.prefix)
			optest.Near(t, "in place", x, y, 0)
			Backward(x, x, cos, sin, c.heads, c.prefix) // of a rotation the opposite one is the inverse
			original := optest.Uniform(kernels.CPU(), dt, 1, -1, 1, c.shape()...)
			optest.Near(t, "back again", x, original, 4*bound)
			Backward(nil, y, cos, sin, c.heads, c.prefix)
		}
	}
}

func wide(a *kernels.Array) []float64 { return kernels.Data[float64](optest.As(a, kernels.Float64)) }

func TestGradient(t *testing.T) {
	f64 := kernels.Float64
	for _, c := range cases[1:4] {
		cos, sin := c.tables(f64)
		x, dy := optest.Uniform(kernels.CPU(), f64, 1, -1, 1, c.shape()...), optest.Uniform(kernels.CPU(), f64, 2, -1, 1, c.shape()...)
		y, dx := optest.Poisoned(kernels.CPU(), f64, c.shape()...), optest.Poisoned(kernels.CPU(), f64, c.shape()...)
		Backward(dx, dy, cos, sin, c.heads, c.prefix)
		optest.Gradient(t, c.String(), dx, x, 1e-4, 1e-9, func() float64 {
			Forward(y, x, cos, sin, c.heads, c.prefix)
			return optest.Dot(dy, y)
		})
	}
}

// TestTable: the middle of an odd grid is at angle 0; its first column at the first period, 1, is at -2 pi (1 - 1/W).
func TestTable(t *testing.T) {
	c := ropeCase{1, 3, 5, 0, 1, 4}
	cos, sin := c.tables(kernels.Float64)
	for j := range 4 {
		if got := optest.Get(sin, 7*4+j); !(math.Abs(got) < 1e-15) || !(math.Abs(optest.Get(cos, 7*4+j)-1) < 1e-15) {
			t.Errorf("the middle has sine %g at %d", got, j)
		}
	}
	for j, want := range []float64{0, 0, -2 * math.Pi * 0.8, -2 * math.Pi * 0.8 / 10} { // row 1 is the middle of 3
		if got := optest.Get(sin, 5*4+j); !(math.Abs(got-math.Sin(want)) < 1e-14) {
			t.Errorf("column %d of the first patch of row 1: sine %g, want %g", j, got, math.Sin(want))
		}
	}
}

// TestVectorLoop: the loop in C gives the bits of that in Go.
func TestVectorLoop(t *testing.T) {
	if !vector.Available() {
		t.Skip("this build is without the loops in C")
	}
	for _, c := range cases[1:] {
		cos, sin := c.tables(kernels.Float32)
		x := kernels.Data[float32](optest.Uniform(kernels.CPU(), kernels.Float32, 1, -1, 1, c.h*c.w, c.shape()[2]))
		got, want := make([]float32, len(x)), make([]float32, len(x))
		tokens(got, x, kernels.Data[float32](cos), kernels.Data[float32](sin), c.sizes(-1))
		plainTokens(want, x, kernels.Data[float32](cos), kernels.Data[float32](sin), c.sizes(-1))
		if !slices.Equal(got, want) {
			t.Errorf("%v: C and Go differ", c)
		}
	}
}

func TestRefuses(t *testing.T) {
	array := func(shape ...int) *kernels.Array { return kernels.CPU().New(kernels.Float32, shape...) }
	x, cos := array(1, 5, 24), array(4, 2)
	Forward(x, x, cos, cos, 2, 1)
	for name, call := range map[string]func(){
		"heads":   func() { Forward(x, x, cos, cos, 3, 1) },
		"prefix":  func() { Forward(x, x, cos, cos, 2, 0) },
		"sine":    func() { Forward(x, x, cos, array(4, 4), 2, 1) },
		"y":       func() { Forward(array(1, 5, 12), x, cos, cos, 2, 1) },
		"odd":     func() { Table(array(4, 3), array(4, 3), 2, 2, 100) },
		"patches": func() { Table(cos, cos, 2, 3, 100) },
		"base":    func() { Table(cos, cos, 2, 2, math.NaN()) },
	} {
		optest.Refuses(t, "rope.", name, call)
	}
}

// BenchmarkViT is the rotation of ViT-S/16 at 224 px, 16 images, in place.
func BenchmarkViT(b *testing.B) {
	c := ropeCase{16, 14, 14, 5, 6, 32}
	cos, sin := c.tables(kernels.Float32)
	x := optest.Uniform(kernels.CPU(), kernels.Float32, 1, -1, 1, c.shape()...)
	b.SetBytes(int64(2 * x.Bytes()))
	for b.Loop() {
		Forward(x, x, cos, sin, c.heads, c.prefix)
	}
}

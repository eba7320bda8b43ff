package resize

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

var bicubicKinds = []BicubicKind{BicubicHF, BicubicTIMM, BicubicHub}

// bicubicShapes are height, width, features, new height, new width: larger, smaller, mixed, the same, single places, published grids.
var bicubicShapes = [][5]int{
	{3, 5, 3, 7, 4},
	{7, 4, 3, 3, 5},
	{1, 1, 5, 3, 2},
	{4, 4, 4, 4, 4},
	{5, 3, 8, 1, 1},
	{9, 15, 4, 3, 5},
	{2, 2, 4, 17, 1},
	{4, 4, 0, 2, 2},
	{3, 3, 1, 0, 2},
	{14, 14, 33, 20, 12},
	{37, 37, 24, 16, 16},
}

// bicubicLoop is the reference: each output from all inputs by their weights.
func bicubicLoop(y, x *kernels.Array, kind BicubicKind) {
	oh, ow, h, w, d := y.Dim(0), y.Dim(1), x.Dim(0), x.Dim(1), x.Dim(2)
	rows, cols := cubicOf(oh, h, kind), cubicOf(ow, w, kind)
	for k := range y.Len() {
		i, j, c, sum := k/(ow*d), k/d%ow, k%d, 0.0
		for p := range h {
			for q := range w {
				if a, b := rows.weight(i, p), cols.weight(j, q); a != 0 && b != 0 {
					sum += a * b * optest.Get(x, (p*w+q)*d+c)
				}
			}
		}
		optest.Set(y, k, sum)
	}
}

// TestBicubic: against the reference, and gradients against finite differences. Up to 10 taps of weights whose absolute values add up
// to at most 1.6 an axis.
func TestBicubic(t *testing.T) {
	dev, f64, f32 := kernels.CPU(), kernels.Float64, kernels.Float32
	for _, s := range bicubicShapes {
		for _, kind := range bicubicKinds {
			in, out, name := []int{s[0], s[1], s[2]}, []int{s[3], s[4], s[2]}, fmt.Sprint(s, kind)
			x, dy := optest.As(optest.Uniform(dev, f32, 1, -1, 1, in...), f64), optest.As(optest.Uniform(dev, f32, 2, -1, 1, out...), f64)
			y, want, dx := optest.Poisoned(dev, f64, out...), optest.Poisoned(dev, f64, out...), optest.Poisoned(dev, f64, in...)
			Bicubic(y, x, kind)
			BicubicBackward(dx, dy, kind)
			if x.Len() < 2000 {
				bicubicLoop(want, x, kind)
				optest.Near(t, name, y, want, 1e-14)
			}
			if x.Len() < 300 {
				optest.Gradient(t, name, dx, x, 1e-3, 1e-9, func() float64 { Bicubic(y, x, kind); return optest.Dot(dy, y) })
			}
			y32, dx32 := optest.Poisoned(dev, f32, out...), optest.Poisoned(dev, f32, in...)
			Bicubic(y, x, kind)
			Bicubic(y32, optest.As(x, f32), kind)
			BicubicBackward(dx32, optest.As(dy, f32), kind)
			optest.Near(t, name+" float32", y32, y, 2.56*24*0x1p-24)
			optest.Near(t, name+" float32 backward", dx32, dx, 2.56*24*0x1p-24)
		}
	}
	BicubicBackward(nil, nil, BicubicHF)
}

// TestBicubicWeights: they add up to 1; the same size is the identity, except where the hub's scale factor moves places.
func TestBicubicWeights(t *testing.T) {
	for _, size := range [][2]int{{16, 37}, {37, 16}, {20, 14}, {12, 14}, {5, 5}, {1, 4}, {4, 1}} {
		for _, kind := range bicubicKinds {
			c := cubicOf(size[0], size[1], kind)
			for i := range c.out {
				sum := 0.0
				for p := range c.in {
					w := c.weight(i, p)
					sum += w
					if same := c.out == c.in && kind != BicubicHub; same && (w == 1) != (i == p) || same && w != 0 && i != p {
						t.Errorf("%v: weight %d of %d is %g", c, p, i, w)
					}
				}
				if !(math.Abs(sum-1) <= 1e-14) {
					t.Errorf("%v: the weights of %d add up to %g", c, i, sum)
				}
			}
		}
	}
}

// TestParityBicubic: weights are rounded once, and up to 20 numbers below 1 are added along each axis, with weights whose absolute
// values add up to at most 1.6 (to their factor in the gradient).
func TestParityBicubic(t *testing.T) {
	const bound = 2.56 * 24 * 0x1p-24
	for _, s := range append([][5]int{{16, 16, 384, 37, 37}}, bicubicShapes...) {
		for _, kind := range bicubicKinds {
			in, out := []int{s[0], s[1], s[2]}, []int{s[3], s[4], s[2]}
			large := s[0]*s[1]*s[2] > 1000
			parity.Run(t, parity.Case{
				Name: fmt.Sprint("forward ", s, kind), Large: large, Bound: bound, In: tensors{parity.Floats(1, -1, 1, in...)},
				Out: tensors{output(out...)},
				Run: func(out, in arrays) { Bicubic(out[0], in[0], kind) },
			}, parity.Case{
				Name: fmt.Sprint("backward ", s, kind), Large: large, Bound: bound, In: tensors{parity.Floats(2, -1, 1, out...)},
				Out: tensors{output(in...)},
				Run: func(out, in arrays) { BicubicBackward(out[0], in[0], kind) },
			})
		}
	}
	parity.Run(t, parity.Case{
		Name: "one off", Bound: bound, In: tensors{parity.Floats(1, -1, 1, 3*3*4+1)}, Out: tensors{output(5, 2, 4)},
		Run: func(out, in arrays) { Bicubic(out[0], in[0].View(1, 3, 3, 4), BicubicHF) },
	})
}

// BenchmarkBicubic is the grid of DINOv2 ViT-S, for 224 px.
func BenchmarkBicubic(b *testing.B) {
	dev := kernels.CPU()
	x, y := optest.Uniform(dev, kernels.Float32, 1, -1, 1, 37, 37, 384), dev.New(kernels.Float32, 16, 16, 384)
	for b.Loop() {
		Bicubic(y, x, BicubicTIMM)
	}
}

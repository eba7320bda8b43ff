package update

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// clipLoop is torch's clip_grad_norm_, element by element.
func clipLoop(gs [][]float64, most float64) (norm, factor float64) {
	for _, g := range gs {
		for _, v := range g {
			norm += v * v
		}
	}
	norm = math.Sqrt(norm)
	factor = math.Min(1, most/(norm+1e-6))
	for _, g := range gs {
		for i := range g {
			g[i] *= factor
		}
	}
	return norm, factor
}

// TestClip: longer gradients are shortened, shorter ones keep every bit.
func TestClip(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, most := range []float64{1e-3, 1, 1e9} {
			var gs, want []*kernels.Array
			var plain [][]float64
			for i, n := range sizes {
				gs = append(gs, optest.Uniform(dev, dt, uint64(i), -1, 1, n))
				want = append(want, optest.As(gs[i], kernels.Float64))
				plain = append(plain, kernels.Data[float64](want[i]))
			}
			length, factor := clipLoop(plain, most)
			norm := optest.Poisoned(dev, dt, 2)
			NewList(gs, gs, nil, nil, nil).Clip(norm, most)
			name, exact := fmt.Sprint(dt, " to ", most), bound[dt]
			if factor == 1 {
				exact = 0
			}
			// The loop is the less exact one: 16391 roundings of 2^-53 at worst.
			optest.Near(t, name, norm, kernels.Of(dev, []float64{length, factor}, 2), max(bound[dt], 1e-12)*length)
			for i, g := range gs {
				optest.Near(t, fmt.Sprint(name, " gradient ", i), g, want[i], max(exact, 1e-12*(1-factor)))
			}
		}
	}
}

// TestClipOfBadGradients: numbers that are not finite stay where they are, and change no others.
func TestClipOfBadGradients(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			g := optest.As(kernels.Of(dev, []float64{3, bad, -4}, 3), dt)
			norm := optest.Poisoned(dev, dt, 2)
			l := NewList([]*kernels.Array{g}, []*kernels.Array{g}, nil, nil, nil)
			l.Clip(norm, 1)
			if v := optest.Get(norm, 0); !math.IsNaN(v) && !math.IsInf(v, 1) {
				t.Errorf("%v with %g: the norm is %g", dt, bad, v)
			}
			if f := optest.Get(norm, 1); f != 1 || optest.Get(g, 0) != 3 || optest.Get(g, 2) != -4 {
				t.Errorf("%v with %g: factor %g, gradient %g %g", dt, bad, f, optest.Get(g, 0), optest.Get(g, 2))
			}
			skip := dev.New(kernels.Int32, 1)
			if l.Finite(skip); kernels.Data[int32](skip)[0] != 1 {
				t.Errorf("%v with %g: the step is not skipped", dt, bad)
			}
		}
	}
}

// TestClipOfHugeGradients: squares beyond float32 are no infinity, and the factor brings the gradient to the length asked for.
func TestClipOfHugeGradients(t *testing.T) {
	for _, dev := range parity.Devices(t) {
		g := kernels.Of(dev, []float32{3e30, -4e30}, 2)
		norm := dev.New(kernels.Float32, 2)
		l := NewList([]*kernels.Array{g}, []*kernels.Array{g}, nil, nil, nil)
		l.Clip(norm, 5)
		want := kernels.Of(kernels.CPU(), []float32{3, -4}, 2)
		parity.Near(t, 0, g.To(kernels.CPU()), want, 0x1p-22)
		if v := kernels.Read[float32](norm)[0]; v != 5e30 {
			t.Errorf("%s: norm %g", dev.Name(), v)
		}
		l.Free()
		g.Free()
		norm.Free()
	}
}

func TestClipToNothing(t *testing.T) {
	optest.Refuses(t, "update.", "a largest norm of NaN", func() {
		NewList(nil, nil, nil, nil, nil).Clip(kernels.CPU().New(kernels.Float32, 2), math.NaN())
	})
}

// TestParityClip: norm, factor and gradients, shortened to half their expected length, so that they stay near 1; and not at
// all. The bound is three roundings, of the norm, the factor and the product, relative to the largest of each.
func TestParityClip(t *testing.T) {
	var cases []parity.Case
	for _, list := range append(lists, []int{65537, 13}) {
		total := 1.0
		out := []parity.Tensor{float(2)}
		for i, n := range list {
			out = append(out, parity.Floats(uint64(i), -2, 2, n))
			total += float64(n)
		}
		half := math.Sqrt(total/3) + 1e-3
		for _, most := range []float64{half, 1e6} {
			c := parity.Case{
				Name: fmt.Sprint(list, " to ", most), Bound: 3 * 0x1p-24, Out: out, Large: len(list) == 2,
				Run: func(out, in []*kernels.Array) {
					l := NewList(out[1:], out[1:], nil, nil, nil)
					l.Clip(out[0], most)
					l.Free()
				},
			}
			cases = append(cases, c)
			if len(list) > 2 {
				c.Name += " with NaN"
				c.Out = append([]parity.Tensor{out[0], out[1].With(map[int]float64{0: math.NaN()})}, out[2:]...)
				cases = append(cases, c)
			}
		}
	}
	parity.Run(t, cases...)
}

func BenchmarkClip(b *testing.B) {
	norm := kernels.CPU().New(kernels.Float32, 2)
	benchmark(b, 1, func(a [4]*kernels.Array) { NewList(a[:1], a[:1], nil, nil, nil).Clip(norm, 1e9) })
}

package update

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

var (
	types = []kernels.DType{kernels.Float32, kernels.Float64}
	bound = map[kernels.DType]float64{kernels.Float32: 5e-7, kernels.Float64: 1e-14}
	sizes = []int{0, 1, 7, tile - 1, tile + 1}
)

var sgdCases = []SGDOptions{
	{LR: 0.1},
	{LR: 0.1, WeightDecay: 0.5},
	{LR: 0.1, Momentum: 0.9},
	{LR: 0.1, Momentum: 0.9, Dampening: 0.3, WeightDecay: 0.01},
	{LR: 0.1, Momentum: 0.9, Nesterov: true, WeightDecay: 0.01},
}

// sgdLoop is torch.optim.SGD's _single_tensor_sgd, element by element.
func sgdLoop(p, g, m []float64, o SGDOptions, first bool) {
	for i := range p {
		d := g[i] + o.WeightDecay*p[i]
		if o.Momentum != 0 {
			if first {
				m[i] = d
			} else {
				m[i] = o.Momentum*m[i] + (1-o.Dampening)*d
			}
			if o.Nesterov {
				d += o.Momentum * m[i]
			} else {
				d = m[i]
			}
		}
		p[i] -= o.LR * d
	}
}

func TestSGD(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, o := range sgdCases {
			for _, n := range sizes {
				p, m := optest.Uniform(dev, dt, 1, -1, 1, n), optest.Poisoned(dev, dt, n)
				if o.Momentum == 0 {
					m = nil
				}
				want, mwant := optest.As(p, kernels.Float64), dev.New(kernels.Float64, n)
				for step := range 3 {
					g := optest.Uniform(dev, dt, uint64(10+step), -1, 1, n)
					SGD(p, g, m, o, step == 0, nil)
					sgdLoop(kernels.Data[float64](want), kernels.Data[float64](optest.As(g, kernels.Float64)), kernels.Data[float64](mwant),
						o, step == 0)
				}
				name := fmt.Sprint(dt, o, n)
				optest.Near(t, name, p, want, bound[dt])
				if m != nil {
					optest.Near(t, name+" momentum", m, mwant, bound[dt])
				}
			}
		}
	}
}

// adamLoop is torch.optim.AdamW's _single_tensor_adamw, element by element.
func adamLoop(p, g, m, v []float64, o AdamWOptions, step int) {
	for i := range p {
		p[i] *= 1 - o.LR*o.WeightDecay
		m[i] = o.Beta1*m[i] + (1-o.Beta1)*g[i]
		v[i] = o.Beta2*v[i] + (1-o.Beta2)*g[i]*g[i]
		mhat, vhat := m[i]/(1-math.Pow(o.Beta1, float64(step))), v[i]/(1-math.Pow(o.Beta2, float64(step)))
		p[i] -= o.LR * mhat / (math.Sqrt(vhat) + o.Eps)
	}
}

func TestAdamW(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, o := range []AdamWOptions{{0.01, 0.9, 0.999, 1e-8, 0}, {0.1, 0.5, 0.9, 1e-3, 0.1}} {
			for _, n := range sizes {
				p, m, v := optest.Uniform(dev, dt, 1, -1, 1, n), dev.New(dt, n), dev.New(dt, n)
				f64 := kernels.Data[float64]
				want, mw, vw := optest.As(p, kernels.Float64), dev.New(kernels.Float64, n), dev.New(kernels.Float64, n)
				for step := 1; step <= 4; step++ {
					g := optest.Uniform(dev, dt, uint64(10+step), -1, 1, n)
					if n > 0 {
						optest.Set(g, 0, 0) // a parameter without gradient must not move but decay
					}
					AdamW(p, g, m, v, o, step, nil)
					adamLoop(f64(want), f64(optest.As(g, kernels.Float64)), f64(mw), f64(vw), o, step)
				}
				name := fmt.Sprint(dt, o, n)
				optest.Near(t, name, p, want, bound[dt])
				optest.Near(t, name+" m", m, mw, bound[dt])
				optest.Near(t, name+" v", v, vw, bound[dt])
			}
		}
	}
}

func TestSkip(t *testing.T) {
	dev := kernels.CPU()
	p, g := optest.Uniform(dev, kernels.Float32, 1, -1, 1, 5), optest.Poisoned(dev, kernels.Float32, 5)
	was, m, v := optest.As(p, kernels.Float32), dev.New(kernels.Float32, 5), dev.New(kernels.Float32, 5)
	skip := dev.New(kernels.Int32, 1)
	Finite(skip, p, g)
	SGD(p, g, m, SGDOptions{LR: 1, Momentum: 0.9}, true, skip)
	AdamW(p, g, m, v, AdamWOptions{LR: 1}, 1, skip)
	optest.Near(t, "parameters", p, was, 0)
	for _, a := range []*kernels.Array{m, v} {
		optest.Near(t, "moments", a, dev.New(kernels.Float32, 5), 0)
	}
}

func TestFinite(t *testing.T) {
	dev := kernels.CPU()
	fine := []float64{0, 1, -1, math.MaxFloat32, -math.MaxFloat32, 1e-45, math.Copysign(0, -1)}
	bad := []float64{math.NaN(), -math.NaN(), math.Inf(1), math.Inf(-1)}
	skip := dev.New(kernels.Int32, 1)
	result := func(xs ...*kernels.Array) int32 {
		kernels.Data[int32](skip)[0] = -5
		Finite(skip, xs...)
		return kernels.Data[int32](skip)[0]
	}
	for _, dt := range types {
		good := optest.As(kernels.Of(dev, fine, len(fine)), dt)
		if got := result(good, dev.New(dt, 0), good); got != 0 {
			t.Errorf("%v: finite numbers give %d", dt, got)
		}
		for _, b := range bad {
			for _, at := range []int{0, tile - 1, tile, 2 * tile} {
				x := optest.Uniform(dev, dt, 1, -1, 1, 2*tile+1)
				optest.Set(x, at, b)
				if got := result(good, x, good); got != 1 {
					t.Errorf("%v: %g at %d gives %d", dt, b, at, got)
				}
			}
		}
	}
	if result() != 0 {
		t.Error("nothing is not finite")
	}
}

func benchmark(b *testing.B, arrays int, f func(a [4]*kernels.Array)) {
	var a [4]*kernels.Array
	for i := range a {
		a[i] = optest.Uniform(kernels.CPU(), kernels.Float32, uint64(i), 0, 1e-3, 1<<20)
	}
	b.SetBytes(int64(arrays) * int64(a[0].Bytes()))
	b.ReportAllocs()
	for b.Loop() {
		f(a)
	}
}

func BenchmarkAdamW(b *testing.B) {
	benchmark(b, 7, func(a [4]*kernels.Array) {
		AdamW(a[0], a[1], a[2], a[3], AdamWOptions{1e-3, 0.9, 0.999, 1e-8, 0.01}, 5, nil)
	})
}

func BenchmarkSGD(b *testing.B) {
	benchmark(b, 5, func(a [4]*kernels.Array) {
		SGD(a[0], a[1], a[2], SGDOptions{LR: 1e-3, Momentum: 0.9}, false, nil)
	})
}

func BenchmarkFinite(b *testing.B) {
	skip := kernels.CPU().New(kernels.Int32, 1)
	benchmark(b, 1, func(a [4]*kernels.Array) { Finite(skip, a[0]) })
}

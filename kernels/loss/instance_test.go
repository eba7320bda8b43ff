package loss

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

func TestInstance(t *testing.T) {
	for _, c := range instanceCases {
		z := c.rows(kernels.Float64)
		want, grad := c.loop(z)
		loss, dz := c.run(z, true)
		// The loop takes differences of log-sum-exps, so that it too is off by what these round: their size is at most 1/t + log n.
		u := 0x1p-53 * float64(max(1, 2*c.images))
		most, dmost := c.bounds(z, u)
		within := u * (1/c.t + 10)
		optest.Near(t, c.name, loss, want, most+within)
		optest.Near(t, c.name+" gradient", dz, grad, dmost+within/c.t)
		again, _ := c.run(z, false)
		optest.Near(t, c.name+" without gradient", again, loss, 0)

		single := c.rows(kernels.Float32)
		double := optest.As(single, kernels.Float64)
		loss32, dz32 := c.run(single, true)
		loss, dz = c.run(double, true)
		most, dmost = c.bounds(double, 0x1p-24)
		if l := optest.Get(loss, 0); !(math.Abs(optest.Get(loss32, 0)-l) <= most+0x1p-24*math.Abs(l)) {
			t.Errorf("%s: float32 loss %g, want %g within %g", c.name, optest.Get(loss32, 0), l, most)
		}
		for i := range dz.Len() {
			if got, want := optest.Get(dz32, i), optest.Get(dz, i); !(math.Abs(got-want) <= dmost) {
				t.Fatalf("%s: float32 gradient %d is %g, want %g within %g", c.name, i, got, want, dmost)
			}
		}
	}
}

// TestInstanceGradient: differences by the queries alone, with the keys where they were. Those of the keys are no part of it.
func TestInstanceGradient(t *testing.T) {
	for _, c := range instanceCases {
		if c.images > 20 {
			continue // the loop's time grows as the fourth power; TestInstance holds the gradient against the loop's
		}
		z := c.rows(kernels.Float64)
		_, dz := c.run(z, true)
		x := c.queries(z)
		f := func() float64 {
			return instanceLoop(nil, kernels.Data[float64](x), kernels.Data[float64](z), x.Dim(0), z.Dim(0), c.d, c.t, c.alpha)
		}
		if c.images < 2 {
			optest.Near(t, c.name, dz, kernels.CPU().New(kernels.Float64, x.Shape()...), 0)
			continue
		}
		// The truncation error of a difference grows as (h/t)^2, its rounding error falls as 1/h: it is (1/t) 2^-52/(h/t) here.
		scale := 0.0
		for i := range dz.Len() {
			scale = max(scale, math.Abs(optest.Get(dz, i)))
		}
		h := 1e-4 * c.t
		noise := 0x1p-52 * (1/c.t + 10) * float64(x.Dim(0)) / h
		optest.Gradient(t, c.name, dz, x, h, 1e-6+noise/max(scale, 1e-300), f)
	}
}

// The formula at a glance: two images whose views are at right angles to the other image's.
func TestInstanceByHand(t *testing.T) {
	z := kernels.Of(kernels.CPU(), []float64{1, 0, 0, 1, 1, 0, 0, 1}, 4, 2)
	c := instanceCase{t: 0.5, alpha: 0.25}
	loss, _ := c.run(z, false)
	e := math.Exp(2)
	want := -(math.Log(e/(e+2)) + 0.25*2*math.Log(1-1/(e+2)))
	optest.Near(t, "loss", loss, kernels.Of(kernels.CPU(), []float64{want}, 1), 1e-15)
}

// Once rows are told apart the loss is far below 1, and still has all its digits: with all others at right angles it is
// log(1+a) + alpha (n-2) log((1+a)/(1+a-e^(-1/t))), a = (n-2) e^(-1/t).
func TestInstanceKeepsASmallLoss(t *testing.T) {
	const images = 4
	for _, dt := range types {
		z := kernels.CPU().New(dt, 2*images, images)
		for i := range 2 * images {
			optest.Set(z, i*images+i%images, 1)
		}
		for _, temperature := range []float64{0.5, 0.1, 0.02, 0.002} {
			c := instanceCase{t: temperature, alpha: 1}
			loss, dz := c.run(z, true)
			small := math.Exp(-1 / temperature)
			a := (2*images - 2) * small
			want := math.Log1p(a) - (2*images-2)*math.Log1p(-small/(1+a))
			bound := map[kernels.DType]float64{kernels.Float32: 0x1p-23, kernels.Float64: 1e-13}[dt] // 1/t itself is rounded
			if got := optest.Get(loss, 0); !(math.Abs(got-want) <= bound*want) && want > 1e-30 {
				t.Errorf("%v, t %g: loss %g, want %g", dt, temperature, got, want)
			}
			// towards the other view: -1/(N t) (1 - p + p sum of odds), p = 1/(1+a)
			want = -a / (1 + a) / (2 * images * temperature)
			want -= (2*images - 2) * small / (1 + a - small) / (1 + a) / (2 * images * temperature)
			if got := optest.Get(dz, 0); !(math.Abs(got-want) <= -bound*want) && want < -1e-30 {
				t.Errorf("%v, t %g: gradient %g, want %g", dt, temperature, got, want)
			}
		}
	}
}

// A similarity ahead of all others by far: exp would overflow, 1-p would be 0. Rows lie on two axes, so that products are exact.
func TestInstanceIsFiniteWhenOneRowDominates(t *testing.T) {
	for _, dt := range types {
		for _, scale := range []float64{1, 100, 1e3} {
			c := instanceCase{t: 0.001, alpha: 1, d: 2}
			// the first image's views are one of the second's, which are apart
			z := optest.As(kernels.Of(kernels.CPU(), []float64{scale, 0, 0, scale, scale, 0, scale, 0, -scale, 0, 0, -scale}, 6, 2), dt)
			loss, dz := c.run(z, true)
			want, grad := c.loop(optest.As(z, kernels.Float64))
			optest.Near(t, fmt.Sprint(dt, scale), loss, want, 1e-7)
			optest.Near(t, fmt.Sprint(dt, scale, " gradient"), dz, grad, 1e-7)
			for i := range dz.Len() {
				if v := optest.Get(dz, i); math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatalf("%v %g: gradient %d is %g", dt, scale, i, v)
				}
			}
		}
	}
}

func TestInstanceOnAnyNumberOfCores(t *testing.T) {
	c := instanceCases[len(instanceCases)-1]
	z := c.rows(kernels.Float32)
	loss, dz := c.run(z, true)
	for _, cores := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(cores)
		again, dagain := c.run(z, true)
		runtime.GOMAXPROCS(before)
		optest.Near(t, "loss", again, loss, 0)
		optest.Near(t, "gradient", dagain, dz, 0)
	}
}

// What the loss cannot be computed of is a bug in the caller, and told.
func TestInstanceRefuses(t *testing.T) {
	dev, f32 := kernels.CPU(), kernels.Float32
	even, odd, single := dev.New(f32, 4, 3), dev.New(f32, 3, 3), dev.New(f32, 1)
	for name, call := range map[string]func(){
		"an odd number of rows": func() { Instance(single, nil, odd, odd, 0.1, 1) },
		"temperature 0":         func() { Instance(single, nil, even, even, 0, 1) },
		"temperature NaN":       func() { Instance(single, nil, even, even, math.NaN(), 1) },
		"another shape":         func() { Instance(single, odd, even, even, 0.1, 1) },
		"queries of a part":     func() { Instance(single, nil, dev.New(f32, 6, 3), even, 0.1, 1) },
		"other features":        func() { Instance(single, nil, dev.New(f32, 4, 2), even, 0.1, 1) },
		"queries without keys":  func() { Instance(single, nil, even, dev.New(f32, 0, 3), 0.1, 1) },
		"another type":          func() { Instance(dev.New(kernels.Float64, 1), nil, even, even, 0.1, 1) },
	} {
		optest.Refuses(t, "loss.", name, call)
	}
}

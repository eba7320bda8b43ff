// Package optest is shared by the tests of the op rooms: arrays of random numbers, poisoned outputs,
// comparisons that a NaN fails, and finite differences. Only tests import it.
package optest

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

// Uniform is a new array of numbers from [lo, hi), a function of seed alone; float64 where t is, else float32.
func Uniform(dev *kernels.Device, t kernels.DType, seed uint64, lo, hi float64, shape ...int) *kernels.Array {
	a := dev.New(t, shape...)
	key := rng.Key{Seed: seed, Op: rng.OpBench}
	for i := range a.Len() {
		Set(a, i, rng.Between(key.At(uint32(i / 4))[i%4], lo, hi))
	}
	return a
}

// Poisoned is a new float array full of NaN, so that an element that an op forgets to write is noticed.
func Poisoned(dev *kernels.Device, t kernels.DType, shape ...int) *kernels.Array {
	a := dev.New(t, shape...)
	for i := range a.Len() {
		Set(a, i, math.NaN())
	}
	return a
}

// Get is element i of a float array.
func Get(a *kernels.Array, i int) float64 {
	if a.DType() == kernels.Float64 {
		return kernels.Data[float64](a)[i]
	}
	return float64(kernels.Data[float32](a)[i])
}

// Set changes element i of a float array.
func Set(a *kernels.Array, i int, v float64) {
	if a.DType() == kernels.Float64 {
		kernels.Data[float64](a)[i] = v
		return
	}
	kernels.Data[float32](a)[i] = float32(v)
}

// As is a copy of a float array in another float type.
func As(a *kernels.Array, t kernels.DType) *kernels.Array {
	b := a.Device().New(t, a.Shape()...)
	for i := range a.Len() {
		Set(b, i, Get(a, i))
	}
	return b
}

// Near fails the test unless |got-want| <= bound max(1, max|want|) for every element. NaN equals only NaN.
func Near(t testing.TB, name string, got, want *kernels.Array, bound float64) {
	t.Helper()
	if got.Len() != want.Len() {
		t.Fatalf("%s: %v instead of %v", name, got, want)
	}
	scale := 1.0
	for i := range want.Len() {
		if v := math.Abs(Get(want, i)); v > scale && !math.IsInf(v, 0) {
			scale = v
		}
	}
	for i := range want.Len() {
		if err := differ(Get(got, i), Get(want, i), bound*scale); err != nil {
			t.Fatalf("%s: element %d of %v: %v", name, i, want, err)
		}
	}
}

func differ(got, want, bound float64) error {
	if got == want || (math.IsNaN(got) && math.IsNaN(want)) {
		return nil
	}
	if !(math.Abs(got-want) <= bound) {
		return fmt.Errorf("%g instead of %g, off by %.2g, bound %.2g", got, want, math.Abs(got-want), bound)
	}
	return nil
}

// Gradient compares dx with central differences of f over the float64 array x, step h, both relative to the
// largest gradient. f computes a scalar from x's present elements.
func Gradient(t testing.TB, name string, dx, x *kernels.Array, h, bound float64, f func() float64) {
	t.Helper()
	want := x.Device().New(kernels.Float64, x.Shape()...)
	scale := 1e-300
	for i, d := 0, kernels.Data[float64](x); i < len(d); i++ {
		was := d[i]
		d[i] = was + h
		up := f()
		d[i] = was - h
		g := (up - f()) / (2 * h)
		d[i] = was
		Set(want, i, g)
		scale = max(scale, math.Abs(g))
	}
	for i := range want.Len() {
		if err := differ(Get(dx, i), Get(want, i), bound*scale); err != nil {
			t.Fatalf("%s: gradient %d of %v: %v", name, i, x, err)
		}
	}
}

// Dot is the sum of the products of two float64 arrays: it turns an op's output into a scalar whose gradient
// with respect to that output is w.
func Dot(w, y *kernels.Array) float64 {
	s, a := 0.0, kernels.Data[float64](w)
	for i, v := range kernels.Data[float64](y) {
		s += a[i] * v
	}
	return s
}

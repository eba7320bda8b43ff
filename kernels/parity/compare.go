package parity

import (
	"bytes"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

func (c *Case) compare(t *testing.T, want, got arrays) {
	t.Helper()
	if c.Check != nil {
		c.Check(t, got.in, want.out, got.out)
		return
	}
	for i, w := range want.out {
		Near(t, i, got.out[i], w, c.Bound)
	}
}

// Near fails the test unless every element of got, output i, is within bound of want, relative to want's largest element and
// at least to 1. NaN equals NaN alone, an infinity itself; integers must be equal.
func Near(t testing.TB, i int, got, want *kernels.Array, bound float64) {
	t.Helper()
	w, g := Numbers(want), Numbers(got)
	scale := finiteScale(w)
	for j := range w {
		same := g[j] == w[j] || math.IsNaN(g[j]) && math.IsNaN(w[j])
		if d := math.Abs(g[j] - w[j]); !same && !(d <= bound*scale) {
			t.Fatalf("output %d, %v: element %d is %.9g, want %.9g: off by %.2g of the largest, bound %.2g", i, got, j, g[j], w[j], d/scale,
				bound)
		}
	}
}

// finiteScale is the largest absolute value among numbers, at least 1.
func finiteScale(w []float64) float64 {
	scale := 1.0
	for _, v := range w {
		if a := math.Abs(v); a > scale && !math.IsInf(a, 0) {
			scale = a
		}
	}
	return scale
}

// Numbers are the elements of a CPU array as float64.
func Numbers(a *kernels.Array) []float64 {
	switch a.DType() {
	case kernels.Float32:
		return wide(kernels.Data[float32](a))
	case kernels.Float64:
		return kernels.Data[float64](a)
	case kernels.Int32:
		return wide(kernels.Data[int32](a))
	case kernels.BFloat16:
		v := make([]float64, a.Len())
		for i, b := range kernels.Data[kernels.Brain](a) {
			v[i] = float64(bfloat.Float(b))
		}
		return v
	}
	return wide(kernels.Data[uint8](a))
}

func wide[T float32 | int32 | uint8](s []T) []float64 {
	out := make([]float64, len(s))
	for i, v := range s {
		out[i] = float64(v)
	}
	return out
}

// firstDifference is the first byte in which two arrays on the CPU differ, or -1.
func firstDifference(a, b *kernels.Array) int {
	x, y := raw(a), raw(b)
	if bytes.Equal(x, y) {
		return -1
	}
	at := 0
	for x[at] == y[at] {
		at++
	}
	return at
}

// raw is the array's bytes.
func raw(a *kernels.Array) []byte {
	flat := a.Carve(kernels.Uint8, 0, a.Bytes())
	return kernels.Data[uint8](flat)
}

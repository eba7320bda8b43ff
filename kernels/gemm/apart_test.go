package gemm

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// LinearApart is Linear, and a row has the same bytes alone and at each place.
func TestLinearApart(t *testing.T) {
	dev := kernels.CPU()
	for _, s := range []struct{ n, in, out int }{{1, 1, 1}, {7, 5, 3}, {65, 512, 128}, {24, 64, 10}, {3, 0, 4}, {0, 4, 4}, {9, 33, 1}} {
		for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
			x, w := optest.Uniform(dev, dt, 1, -1, 1, s.n, s.in), optest.Uniform(dev, dt, 2, -1, 1, s.out, s.in)
			for _, b := range []*kernels.Array{nil, optest.Uniform(dev, dt, 3, -1, 1, s.out)} {
				y, want := dev.New(dt, s.n, s.out), dev.New(dt, s.n, s.out)
				LinearApart(y, x, w, b)
				Linear(want, x, w, b)
				eps := map[kernels.DType]float64{kernels.Float32: 0x1p-24, kernels.Float64: 0x1p-53}[dt]
				for i := range y.Len() {
					// Both are off by at most (in+16) eps times the sum of the terms, each below 1.
					if !(math.Abs(optest.Get(y, i)-optest.Get(want, i)) <= 2*eps*float64((s.in+16)*(s.in+1))) {
						t.Fatalf("%+v %v: element %d is %g, want %g", s, dt, i, optest.Get(y, i), optest.Get(want, i))
					}
				}
				for i := range s.n {
					alone := dev.New(dt, 1, s.out)
					LinearApart(alone, x.Rows(i, i+1), w, b)
					if got := y.Rows(i, i+1); fmt.Sprint(values(got)) != fmt.Sprint(values(alone)) {
						t.Errorf("%+v %v: row %d differs from the same row alone", s, dt, i)
					}
				}
			}
		}
	}
}

func values(a *kernels.Array) []float64 {
	var v []float64
	for i := range a.Len() {
		v = append(v, optest.Get(a, i))
	}
	return slices.Clip(v)
}

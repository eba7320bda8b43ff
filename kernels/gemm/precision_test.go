package gemm

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// TestPrecision: rounding the factors makes the error that it must, and no larger one.
func TestPrecision(t *testing.T) {
	parity.AtPrecisions(t, func(t *testing.T, dev parity.Rounded) {
		for _, s := range [][3]int{{65, 63, 35}, {3, 5, 1100}} {
			for _, tr := range trans {
				dev.Check(t, fmt.Sprint(s, tr), worstError(t, dev.Device, s, tr), boundOf(kernels.Float32, s[2]), BackendOf)
			}
		}
	})
}

// worstError is the largest error of a product's elements, each relative to its sum of |a b|.
func worstError(t *testing.T, dev *kernels.Device, s [3]int, tr [2]bool) float64 {
	t.Helper()
	m, n, k := s[0], s[1], s[2]
	cpu := kernels.CPU()
	a, b := operand(cpu, kernels.Float32, 1, tr[0], m, k), operand(cpu, kernels.Float32, 2, tr[1], k, n)
	exact := product[float64]{tr[0], tr[1], m, n, k, 1, 0, wide(a), wide(b), make([]float64, m*n)}
	multiplyLoop(exact)
	sizes := exact
	sizes.a, sizes.b, sizes.c = absolute(exact.a), absolute(exact.b), make([]float64, m*n)
	multiplyLoop(sizes)
	x, y, z := a.To(dev), b.To(dev), dev.New(kernels.Float32, m, n)
	Gemm(z, x, y, tr[0], tr[1], 1, 0)
	got := z.To(cpu)
	for _, array := range []*kernels.Array{x, y, z} {
		array.Free()
	}
	if err := dev.Sync(); err != nil {
		t.Fatal(fmt.Errorf("%v %v: %w", s, tr, err))
	}
	worst := 0.0
	for i, want := range exact.c {
		worst = math.Max(worst, math.Abs(optest.Get(got, i)-want)/sizes.c[i]) // a NaN stays
	}
	return worst
}

func absolute(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = math.Abs(v)
	}
	return out
}

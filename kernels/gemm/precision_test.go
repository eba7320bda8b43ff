package gemm

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// TestPrecision: with less precise factors each product is off by what two of them are rounded by, 2^-11 or 2^-8 each,
// and the sum as ever. The own kernels must make use of it: an error of more than 16 units of float32, which these sums never have, shows it.
func TestPrecision(t *testing.T) {
	if parity.GPU(t) == nil {
		t.Skip("no GPU, and none is required (REQUIRE_CUDA=1)")
	}
	for precision, rounding := range map[kernels.Precision]float64{kernels.TF32: 0x1p-11, kernels.BF16: 0x1p-8} {
		dev, err := kernels.CUDA(0, precision)
		if err != nil {
			t.Fatal(err)
		}
		defer dev.Close()
		for _, s := range [][3]int{{65, 63, 35}, {3, 5, 1100}} {
			for _, tr := range trans {
				worst := worstError(t, dev, s, tr)
				bound := 2*rounding + rounding*rounding + boundOf(kernels.Float32, s[2])
				name, _ := BackendOf(dev)
				if !(worst <= bound) || name == "own kernels" && worst <= 0x1p-20 {
					t.Errorf("%v %v %v: off by %.2g of sum |a b|, bound %.2g", precision, s, tr, worst, bound)
				}
			}
		}
	}
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

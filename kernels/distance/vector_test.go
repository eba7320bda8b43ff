package distance

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// The loops in C and in Go have the same bits, and see the same cancellation.
func TestVectorLoops(t *testing.T) {
	if !vector.Available() || runtime.GOARCH != "amd64" {
		t.Skip("without the loops in C, or where Go fuses products with sums")
	}
	bits := func(x []float32) []uint32 {
		var b []uint32
		for _, v := range x {
			b = append(b, math.Float32bits(v))
		}
		return b
	}
	for _, n := range []int{0, 1, 7, 16, 67, 512} {
		r := func(seed uint64) []float32 {
			return kernels.Data[float32](optest.Uniform(kernels.CPU(), kernels.Float32, seed, 1, 2, n))
		}
		products, ys, got, want := r(1), r(2), r(3), r(4)
		scale(got, products, ys, 0.7)
		scaleLoop(want, products, ys, 0.7)
		if !slices.Equal(bits(got), bits(want)) {
			t.Errorf("%d: scale differs", n)
		}
		for _, spoilt := range []float32{1, float32(math.NaN()), -3} {
			if n > 0 {
				products[n/2] = spoilt
				ys[n/2] = 1.5
			}
			a, b := squaredL2Row(got, products, ys, 1.5, 1), squaredL2Loop(want, products, ys, 1.5, 1)
			if a != b || a != (n > 0 && spoilt != 1) || !slices.Equal(bits(got), bits(want)) {
				t.Errorf("%d, %g: squared L2 differs, lost digits %v in C, %v in Go", n, spoilt, a, b)
			}
		}
	}
}

func TestAnyAbove(t *testing.T) {
	if !vector.Available() {
		t.Skip("without the loops in C")
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, cols := range []int{0, 1, 16, 33} {
		const rows, ld = 7, 40
		block := make([]float32, rows*ld)
		for i := range block {
			block[i] = inf // beyond the columns
		}
		for i := range rows {
			for j := range cols {
				block[i*ld+j] = []float32{nan, 1}[j%2]
			}
		}
		if cols > 0 {
			block[3*ld+cols-1], block[4*ld+cols-1], block[5*ld+cols-1] = 2, nan, inf
		}
		bar := []float32{1, -inf, nan, 1, 1, 2, inf}
		want := make([]bool, rows)
		anyAboveLoop(want, block, ld, cols, bar)
		if want[3] != (cols > 0) || want[1] != (cols > 1) {
			t.Errorf("%d columns: the loop in Go gives %v", cols, want)
		}
		got := make([]bool, rows)
		if vector.AnyAbove(got, block, ld, cols, bar); !slices.Equal(got, want) {
			t.Errorf("%d columns: %v, expected %v", cols, got, want)
		}
	}
}

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

package norm

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

var l2Shapes = [][2]int{{0, 4}, {3, 0}, {1, 1}, {5, 31}, {9, 32}, {7, 33}, {3, 127}, {4, 128}, {3, 132}, {2, 1024}, {2, 4099}, {65537, 2}}

// TestParityL2Forward: lengths and scales are float64, results round once. Rows of zeros, of large and of small numbers are
// among them, so each element is compared by its own size, down to the smallest normal float.
func TestParityL2Forward(t *testing.T) {
	for _, s := range l2Shapes {
		n, d := s[0], s[1]
		extreme := map[int]float64{}
		for j := range d {
			extreme[j], extreme[d+j], extreme[2*d+j] = 0, 3e30, 1e-20
		}
		x := floats(1, -1, 1, n, d).Awkward().With(extreme)
		for _, eps := range []float64{1e-30, 0.5} {
			parity.Run(t, parity.Case{
				Name: fmt.Sprint(s, eps), Large: n*d > 10000, In: tensors{x}, Out: tensors{output(n, d), output(n)},
				Run: func(out, in arrays) { L2(out[0], out[1], in[0], eps) },
				Check: func(t testing.TB, _, want, got []*kernels.Array) {
					nearEach(t, got[0], want[0], 0x1p-23)
					nearEach(t, got[1], want[1], 0x1p-23)
				},
			})
		}
	}
}

// nearEach fails the test unless each element is within bound of the wanted one, relative to that one alone.
func nearEach(t testing.TB, got, want *kernels.Array, bound float64) {
	t.Helper()
	g := parity.Numbers(got)
	for j, w := range parity.Numbers(want) {
		same := g[j] == w || math.IsNaN(g[j]) && math.IsNaN(w)
		if !same && !(math.Abs(g[j]-w) <= bound*math.Abs(w)+0x1p-126) {
			t.Fatalf("%v: element %d is %g, want %g", got, j, g[j], w)
		}
	}
}

// TestParityL2Backward: dx is as inexact as the length that it divides by, and loses digits where y and dy are parallel.
// Rows of zeros are shorter than the larger eps; with the smaller one dx would dwarf all other rows.
func TestParityL2Backward(t *testing.T) {
	for _, s := range l2Shapes {
		n, d := s[0], s[1]
		for _, eps := range []float64{1e-12, 0.5} {
			x, zeros := floats(1, -1, 1, n, d), map[int]float64{}
			for j := range d {
				zeros[j] = 0
			}
			if eps == 0.5 {
				x = x.With(zeros)
			}
			parity.Run(t, parity.Case{
				Name: fmt.Sprint(s, eps), Bound: 5e-7, Large: n*d > 10000, In: tensors{x, output(n, d), output(n)},
				Out: tensors{floats(8, -1, 1, n, d)},
				Run: func(out, in arrays) {
					L2(in[1], in[2], in[0], eps)
					L2Backward(out[0], out[0], in[1], in[2], eps)
				},
			})
		}
	}
}

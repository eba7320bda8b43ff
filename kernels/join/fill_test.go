package join

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// TestFillParity: the number is rounded once, to float32.
func TestFillParity(t *testing.T) {
	var cases []parity.Case
	for _, n := range sizes {
		for _, v := range []float64{1, -0.3} {
			cases = append(cases, parity.Case{
				Name: fmt.Sprint(v, "/", n), Large: n > 1000,
				Out: []parity.Tensor{parity.Output(kernels.Float32, n)},
				Run: func(out, in []*kernels.Array) { Fill(out[0], v) },
				Check: func(t testing.TB, in, want, got []*kernels.Array) {
					for i, x := range parity.Numbers(got[0]) {
						if float32(x) != float32(v) {
							t.Fatalf("element %d is %g", i, x)
						}
					}
				},
			})
		}
	}
	parity.Run(t, cases...)
}

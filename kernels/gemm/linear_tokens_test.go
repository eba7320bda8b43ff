package gemm

import (
	"fmt"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// tokenShapes are N, T, I, O: nothing, few tokens, and the edges of an image's parts.
var tokenShapes = [][4]int{
	{0, 3, 4, 2}, {2, 0, 3, 2}, {2, 3, 0, 4}, {3, 1, 17, 5}, {3, 2, 9, 33}, {2, 3, 5, 1}, {3, 17, 64, 70}, {2, 65, 33, 769}, {2, 513, 7, 9},
}

// LinearTokens is Linear on all rows, and an image has the same bytes alone and at each place.
func TestLinearTokens(t *testing.T) {
	dev := kernels.CPU()
	for _, s := range tokenShapes {
		n, tokens, in, out := s[0], s[1], s[2], s[3]
		for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
			x, w := optest.Uniform(dev, dt, 1, -1, 1, n, tokens, in), optest.Uniform(dev, dt, 2, -1, 1, out, in)
			for _, b := range []*kernels.Array{nil, optest.Uniform(dev, dt, 3, -1, 1, out)} {
				p := product[float64]{false, true, n * tokens, out, in, 1, 0, wide(x), wide(w), make([]float64, n*tokens*out)}
				multiplyLoop(p)
				for i := range p.c {
					if b != nil {
						p.c[i] += optest.Get(b, i%out)
					}
				}
				y := optest.Poisoned(dev, dt, n, tokens, out)
				LinearTokens(y, x, w, b)
				optest.Near(t, fmt.Sprint(s, dt), y, kernels.Wrap(dev, p.c, n, tokens, out), boundOf(dt, in+1))
				for i := range n {
					alone := optest.Poisoned(dev, dt, 1, tokens, out)
					LinearTokens(alone, x.Rows(i, i+1), w, b)
					if !slices.Equal(values(y.Rows(i, i+1)), values(alone)) {
						t.Errorf("%v %v: image %d differs from the same image alone", s, dt, i)
					}
				}
			}
		}
	}
}

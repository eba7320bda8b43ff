package augment

import (
	"fmt"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

var mirrorShapes = [][]int{{0, 3, 4, 1}, {2, 0, 3, 3}, {1, 1, 1, 1}, {2, 3, 5, 3}, {3, 7, 8, 1}, {65, 3, 33, 3}}

// TestMirror: each pixel is the one from the other side, and twice is nothing.
func TestMirror(t *testing.T) {
	dev := kernels.CPU()
	for _, s := range mirrorShapes {
		for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
			x := optest.Uniform(dev, dt, 1, -1, 1, s...)
			y, back := optest.Poisoned(dev, dt, s...), optest.Poisoned(dev, dt, s...)
			Mirror(y, x)
			Mirror(back, y)
			for i := range x.Len() {
				line, w, c := i/s[3]/s[2], i/s[3]%s[2], i%s[3]
				if got, want := optest.Get(y, i), optest.Get(x, (line*s[2]+s[2]-1-w)*s[3]+c); got != want {
					t.Fatalf("%v %v: element %d is %g, want %g", s, dt, i, got, want)
				}
			}
			if !slices.Equal(parity.Numbers(back), parity.Numbers(x)) {
				t.Errorf("%v %v: mirrored twice it differs", s, dt)
			}
		}
	}
}

func TestParityMirror(t *testing.T) {
	var cases []parity.Case
	for _, s := range mirrorShapes {
		cases = append(cases, parity.Case{
			Name: fmt.Sprint("mirror/", s), In: []parity.Tensor{parity.Floats(1, -1, 1, s...)},
			Out: []parity.Tensor{parity.Output(kernels.Float32, s...)},
			Run: func(out, in []*kernels.Array) { Mirror(out[0], in[0]) },
		})
	}
	parity.Run(t, cases...)
}

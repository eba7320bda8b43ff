package norm

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

func TestL2(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, s := range [][2]int{{0, 4}, {1, 1}, {3, 5}, {33, 128}, {4, 4099}} {
			n, d := s[0], s[1]
			x := optest.Uniform(dev, dt, 1, -1, 1, n, d)
			if n > 2 {
				x.Rows(2, 3).Zero()
			}
			want, length := dev.New(dt, n, d), dev.New(dt, n)
			for i := range n {
				sum := 0.0
				for j := range d {
					sum += optest.Get(x, i*d+j) * optest.Get(x, i*d+j)
				}
				optest.Set(length, i, math.Sqrt(sum))
				for j := range d {
					optest.Set(want, i*d+j, optest.Get(x, i*d+j)/max(math.Sqrt(sum), 1e-12))
				}
			}
			y, l := optest.Poisoned(dev, dt, n, d), optest.Poisoned(dev, dt, n)
			L2(y, l, x, 1e-12)
			bound := map[kernels.DType]float64{kernels.Float32: 2e-7, kernels.Float64: 1e-14}[dt]
			optest.Near(t, fmt.Sprint(dt, s), y, want, bound)
			optest.Near(t, fmt.Sprint(dt, s, " length"), l, length, bound)
			L2(x, l, x, 1e-12)
			optest.Near(t, fmt.Sprint(dt, s, " in place"), x, want, bound)
		}
	}
}

// Rows longer and shorter than eps: below it, L2 is a plain division.
func TestL2Gradient(t *testing.T) {
	dev, f64 := kernels.CPU(), kernels.Float64
	x, w := optest.Uniform(dev, f64, 1, -1, 1, 3, 6), optest.Uniform(dev, f64, 2, -1, 1, 3, 6)
	x.Rows(1, 2).Zero()
	optest.Set(x, 7, 0.01)
	y, l, dx := optest.Poisoned(dev, f64, 3, 6), optest.Poisoned(dev, f64, 3), optest.Poisoned(dev, f64, 3, 6)
	f := func() float64 { L2(y, l, x, 0.1); return optest.Dot(w, y) }
	f()
	L2Backward(dx, w, y, l, 0.1)
	optest.Gradient(t, "L2", dx, x, 1e-5, 1e-8, f)
	f()
	L2Backward(dx, w, y, l, 0.1)
	L2Backward(w, w, y, l, 0.1)
	optest.Near(t, "in place", w, dx, 0)
	L2Backward(nil, w, y, l, 0.1)
}

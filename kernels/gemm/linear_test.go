package gemm

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

var linearShapes = [][3]int{{0, 3, 2}, {1, 1, 1}, {5, 7, 3}, {33, 17, 65}, {130, 128, 513}} // N, I, O

func TestLinear(t *testing.T) {
	dev := kernels.CPU()
	for _, s := range linearShapes {
		n, in, out := s[0], s[1], s[2]
		x, w := optest.Uniform(dev, kernels.Float32, 1, -1, 1, n, in), optest.Uniform(dev, kernels.Float32, 2, -1, 1, out, in)
		b := optest.Uniform(dev, kernels.Float32, 3, -1, 1, out)
		p := product[float64]{false, true, n, out, in, 1, 0, wide(x), wide(w), make([]float64, n*out)}
		multiplyLoop(p)
		y := optest.Poisoned(dev, kernels.Float32, n, out)
		Linear(y, x, w, nil)
		optest.Near(t, fmt.Sprint("without bias ", s), y, kernels.Wrap(dev, p.c, n, out), boundOf(kernels.Float32, in))
		for i := range p.c {
			p.c[i] += optest.Get(b, i%out)
		}
		Linear(y, x, w, b)
		optest.Near(t, fmt.Sprint("with bias ", s), y, kernels.Wrap(dev, p.c, n, out), boundOf(kernels.Float32, in+1))
	}
}

func TestLinearBackward(t *testing.T) {
	dev := kernels.CPU()
	for _, s := range linearShapes[1:4] {
		n, in, out := s[0], s[1], s[2]
		f64 := kernels.Float64
		x, w, b := optest.Uniform(dev, f64, 1, -1, 1, n, in), optest.Uniform(dev, f64, 2, -1, 1, out, in),
			optest.Uniform(dev, f64, 3, -1, 1, out)
		dy, y := optest.Uniform(dev, f64, 4, -1, 1, n, out), dev.New(f64, n, out)
		dx, dw, db := optest.Poisoned(dev, f64, n, in), optest.Poisoned(dev, f64, out, in), optest.Poisoned(dev, f64, out)
		LinearBackward(dx, dw, db, dy, x, w)
		LinearBackward(nil, nil, nil, dy, x, w)
		f := func() float64 { Linear(y, x, w, b); return optest.Dot(dy, y) }
		optest.Gradient(t, fmt.Sprint("dx ", s), dx, x, 1e-4, 1e-8, f)
		optest.Gradient(t, fmt.Sprint("dw ", s), dw, w, 1e-4, 1e-8, f)
		optest.Gradient(t, fmt.Sprint("db ", s), db, b, 1e-4, 1e-8, f)
	}
}

// TestSumRows has enough rows for several chunks.
func TestSumRows(t *testing.T) {
	for _, rows := range []int{0, 1, 5000, 200003} {
		x, sum := make([]float64, rows*3), make([]float64, 3)
		for i := range x {
			x[i] = float64(i%3 + 1)
		}
		SumRows(sum, x)
		for j, v := range sum {
			if v != float64(rows*(j+1)) {
				t.Errorf("%d rows: column %d is %g", rows, j, v)
			}
		}
	}
}

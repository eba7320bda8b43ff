package distance

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/act"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// It is the log-sum-exp of the matrix of Pairwise, which float64 shows to be so in both forms on the CPU, and the plain loop.
func TestLogSumExp(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, s := range shapes {
			x, c := rowsWithNeighbours(dev, dt, 1, s[0], s[2]), rowsWithNeighbours(dev, dt, 2, s[1], s[2])
			for _, m := range metrics {
				all, got := dev.New(dt, s[0], s[1]), optest.Poisoned(dev, dt, s[0])
				want, loop := dev.New(dt, s[0]), dev.New(dt, s[0])
				Pairwise(all, x, c, m)
				for i := range all.Len() {
					optest.Set(all, i, -0.3*optest.Get(all, i))
				}
				for i, row := range rowsOf(all) {
					optest.Set(loop, i, logSumExpLoop(row))
				}
				act.LogSumExp(want, all)
				LogSumExp(got, x, c, m, -0.3)
				// The matrix rounds scores times the scale, which are at most 0.3 times 4 D = 154 in size.
				name := fmt.Sprint(dt, s, m)
				optest.Near(t, name+" matrix", got, want, 4*154*roundoff[dt])
				optest.Near(t, name+" loop", got, loop, 4*154*roundoff[dt])
			}
		}
	}
}

// TestParityLogSumExp compares with the float64 run.
func TestParityLogSumExp(t *testing.T) {
	var cases []parity.Case
	add := func(m Metric, scale float64, x, c parity.Tensor, large bool) {
		cases = append(cases, logSumExpCase(m, scale, x, c, large))
	}
	for _, s := range [][3]int{{0, 3, 2}, {3, 0, 2}, {2, 3, 0}, {1, 1, 1}, {127, 129, 5}, {5, 600, 17}} {
		add(Cosine, 10, near(1, s[0], s[2]), near(3, s[1], s[2]), false)
		add(SquaredL2, -1, near(1, s[0], s[2]), near(3, s[1], s[2]), false)
		add(InnerProduct, 0.5, near(1, s[0], s[2]), near(3, s[1], s[2]), false)
	}
	add(InnerProduct, 40, near(1, 9, 4), near(2, 30, 4), false) // exponentials beyond float32
	add(SquaredL2, -1, awkwardRows(1, 9, 3), awkwardRows(2, 300, 3), false)
	add(InnerProduct, 1, awkwardRows(1, 9, 3), whole(2, 300, 3), false)
	add(InnerProduct, 1, near(1, 65537, 2), near(2, 5, 2), true)
	parity.Run(t, cases...)
}

// Scores up to s in size give errors of s (D + 22) u times the scale, and the sum one of (M/128 + 32) u: 2^-17 of the result
// is above both for all cases.
func logSumExpCase(m Metric, scale float64, x, c parity.Tensor, large bool) parity.Case {
	return parity.Case{
		Name:  fmt.Sprintf("lse/%v/%g/%dx%dx%d", m, scale, x.Shape[0], c.Shape[0], x.Shape[1]),
		Bound: 0x1p-17, Large: large,
		In:  []parity.Tensor{x, c},
		Out: []parity.Tensor{parity.Output(kernels.Float32, x.Shape[0])},
		Run: func(out, in []*kernels.Array) { LogSumExp(out[0], in[0], in[1], m, scale) },
	}
}

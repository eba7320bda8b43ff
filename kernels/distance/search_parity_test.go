package distance

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// searchSizes are n, m, d, k, self: k around that with a kernel of its own (1), 32 lanes, lists that are cut (2 k +
// 256 below m), and above m.
var searchSizes = []struct{ n, m, d, k, self int }{
	{0, 5, 3, 2, -1},
	{3, 0, 2, 2, -1},
	{5, 9, 4, 0, -1},
	{7, 11, 3, 11, -1},
	{7, 11, 3, 13, 4},
	{1, 1, 1, 1, 0},
	{3, 4, 0, 2, -1},
	{129, 127, 3, 1, -1},
	{127, 129, 5, 1, 2},
	{40, 700, 2, 2, 7},
	{130, 1025, 3, 8, 100},
	{40, 1100, 2, 24, 7},
	{40, 1100, 2, 25, -1},
	{9, 1300, 17, 33, 3},
	{5, 1500, 2, 100, 0},
	{3, 5000, 1, 1000, 4},
	{9, 700, 2, 699, 600},
}

// TestParitySearch: rows of whole numbers have exact scores, so that every implementation must find the very same
// rows in the same order.
func TestParitySearch(t *testing.T) {
	var cases []parity.Case
	for _, s := range searchSizes {
		for _, m := range []Metric{SquaredL2, InnerProduct} {
			cases = append(cases, topKCase(m, whole(1, s.n, s.d), whole(2, s.m, s.d), s.k, s.self, false))
		}
		cases = append(cases, bestCase(InnerProduct, whole(1, s.n, s.d), whole(2, s.m, s.d), s.self))
	}
	cases = append(cases,
		topKCase(SquaredL2, whole(1, 65537, 2), whole(2, 7, 2), 1, -1, true),
		topKCase(SquaredL2, whole(1, 65537, 2), whole(2, 7, 2), 8, -1, true),
		topKCase(InnerProduct, whole(1, 4, 2), whole(2, 65537, 2), 5, 65533, true),
		topKCase(SquaredL2, awkwardRows(1, 5, 3), awkwardRows(2, 300, 3), 4, -1, false),
		topKCase(InnerProduct, awkwardRows(1, 5, 3), awkwardRows(2, 300, 3), 1, -1, false),
		bestCase(SquaredL2, awkwardRows(1, 5, 3), awkwardRows(2, 300, 3), 7),
	)
	parity.Run(t, cases...)
}

// awkwardRows are whole numbers, some of them NaN or infinite, with one row of nothing but -Inf.
func awkwardRows(seed uint64, n, d int) parity.Tensor {
	x := whole(seed, n, d)
	replaced := map[int]float64{0: math.NaN(), d + 1: math.Inf(1), (n - 2) * d: math.Inf(-1)}
	for k := range d {
		replaced[(n-1)*d+k] = math.Inf(-1)
	}
	return x.With(replaced)
}

func topKCase(m Metric, x, y parity.Tensor, k, self int, large bool) parity.Case {
	n := x.Shape[0]
	return parity.Case{
		// Exact scores: no error is left.
		Name: fmt.Sprintf("topk/%v/%dx%dx%d/%d/%d", m, n, y.Shape[0], x.Shape[1], k, self), Bound: 0, Large: large,
		In:  []parity.Tensor{x, y},
		Out: []parity.Tensor{parity.Output(kernels.Float32, n, k), parity.Output(kernels.Int32, n, k)},
		Run: func(out, in []*kernels.Array) { TopK(out[0], out[1], in[0], in[1], m, self) },
	}
}

// bestCase has labels of which some are on one side only.
func bestCase(m Metric, x, y parity.Tensor, self int) parity.Case {
	return labelledCase("best", m, x, y, self, func(i int) int { return i*5%7 - 1 }, func(i int) int { return i * 3 % 11 })
}

// labelledCase is a search for the best row of a label, row i of x and of y having those of ofX and ofY.
func labelledCase(name string, m Metric, x, y parity.Tensor, self int, ofX, ofY func(i int) int) parity.Case {
	n, cols := x.Shape[0], y.Shape[0]
	labels := func(n int, of func(i int) int) parity.Tensor {
		return parity.Tensor{Type: kernels.Int32, Shape: []int{n}, At: func(i int) float64 { return float64(of(i)) }}
	}
	return parity.Case{
		Name: fmt.Sprintf("%s/%v/%dx%dx%d/%d", name, m, n, cols, x.Shape[1], self),
		In:   []parity.Tensor{x, y, labels(n, ofX), labels(cols, ofY)}, Out: []parity.Tensor{parity.Output(kernels.Int32, n)},
		Run: func(out, in []*kernels.Array) { BestPositive(out[0], in[0], in[1], in[2], in[3], m, self) },
	}
}

// TestParityLabelsInOrder: where rows come in the order of their labels, a row's label is in few tiles of y, in one that another label
// begins, in many, or in none; labels may be as large as there are.
func TestParityLabelsInOrder(t *testing.T) {
	x, y := whole(1, 300, 70), whole(2, 900, 70)
	by := func(each, from int) func(i int) int { return func(i int) int { return from + i/each } }
	apart := func(each int) func(i int) int { return func(i int) int { return i / each * 7 } }
	ends := func(i int) int { return []int{math.MinInt32, math.MaxInt32}[i/150%2] }
	parity.Run(t,
		labelledCase("fives", InnerProduct, y, y, 0, by(5, -3), by(5, -3)),
		labelledCase("part", SquaredL2, x, y, -1, by(3, 40), by(9, 0)),
		labelledCase("none", InnerProduct, x, y, -1, by(9, 100), by(9, 0)),
		labelledCase("gaps", Cosine, x, y, -1, by(3, 0), apart(40)),
		labelledCase("one", InnerProduct, x, y, 300, by(1000, 5), by(1000, 5)),
		labelledCase("ends", InnerProduct, x, y, -1, ends, ends),
		labelledCase("falling", InnerProduct, x, y, -1, func(i int) int { return 90 - i/5 }, by(5, 0)),
	)
}

// TestParityNearly searches rows whose scores round: every value is within its bound of the score of the row that
// it names, and of the best there is in its place.
func TestParityNearly(t *testing.T) {
	var cases []parity.Case
	for _, m := range metrics {
		for _, d := range []int{16, 64, 129} {
			cases = append(cases, nearlyCase(m, near(1, 60, d), near(3, 400, d), 9), nearlyCase(m, near(1, 60, d), near(3, 400, d), 1))
		}
	}
	// Far from the origin every squared distance cancels, also where rows are not aligned.
	for _, d := range []int{8, 17} {
		cases = append(cases, nearlyCase(SquaredL2, far(near(1, 20, d)), far(near(1, 140, d)), 1))
	}
	parity.Run(t, cases...)
}

// far is x moved away from the origin.
func far(x parity.Tensor) parity.Tensor {
	at := x.At
	x.At = func(i int) float64 { return at(i) + 100 }
	return x
}

func nearlyCase(m Metric, x, y parity.Tensor, k int) parity.Case {
	c := topKCase(m, x, y, k, -1, false)
	c.Name = "nearly/" + c.Name
	c.Check = func(t testing.TB, in, want, got []*kernels.Array) {
		t.Helper()
		x, y := rowsOf(in[0]), rowsOf(in[1])
		best, vals, idx := parity.Numbers(want[0]), parity.Numbers(got[0]), parity.Numbers(got[1])
		for at, v := range vals {
			i, j := at/k, int(idx[at])
			if j < 0 || j >= len(y) {
				t.Fatalf("row %d has column %d in place %d", i, j, at%k)
			}
			// The scores of other columns may be off by as much: the longest row bounds them all.
			bound, own := 0.0, 0.0
			for c := range y {
				e := errorBound(x[i], y[c], m, roundoff[kernels.Float32]) + gpuError(x[i], y[c], m)
				bound = max(bound, e)
				if c == j {
					own = e
				}
			}
			if exact := between(x[i], y[j], m); !(math.Abs(v-exact) <= own) || !(math.Abs(v-best[at]) <= bound) {
				t.Fatalf("row %d place %d: column %d with %g, exactly %g, best %g; bounds %.2g, %.2g", i, at%k, j, v, exact, best[at], own,
					bound)
			}
		}
	}
	return c
}

// TestParityNearest: each row has its own k, and comes once.
func TestParityNearest(t *testing.T) {
	for _, dev := range parity.Devices(t) {
		for _, n := range []int{0, 1, 300} {
			exact := wholeRows(kernels.CPU(), kernels.Float32, 7, n, 3)
			x, all, seen := exact.To(dev), scores(exact, exact, SquaredL2), make([][]int32, n)
			Nearest(x, x, SquaredL2, 0, Part{0, x.Dim(0)}, func(i int) int { return i % 60 }, func(i int, idx []int32) {
				if seen[i] != nil {
					t.Errorf("row %d came twice", i)
				}
				seen[i] = append([]int32{}, idx...)
			})
			for i, got := range seen {
				if want := topKLoop(all[i*n:(i+1)*n], n, i%60, i); !slices.Equal(got, want) {
					t.Fatalf("%s: row %d has %v, want %v", dev.Name(), i, got, want)
				}
			}
			x.Free()
		}
	}
}

// TestParityBlocks: with little room, a search goes over its rows tile by tile, each in one part, and finds the same.
func TestParityBlocks(t *testing.T) {
	roomy := budget
	t.Cleanup(func() { budget = roomy })
	budget.packed, budget.candidates, budget.places = 1, 1, 1000
	const n, m = 300, 400
	x, y := whole(1, n, 3), whole(2, m, 3)
	parity.Run(t,
		topKCase(SquaredL2, x, y, 1, 50, false), topKCase(InnerProduct, x, y, 5, 50, false),
		bestCase(SquaredL2, x, y, 50), logSumExpCase(InnerProduct, 0.1, x, y, false),
		pairwiseCase("blocks", SquaredL2, x, y, false),
	)
	TestParityNearest(t)
}

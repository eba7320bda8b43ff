package cluster

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// labelsOf are integers by a formula.
func labelsOf(f func(i int) int, shape ...int) parity.Tensor {
	return parity.Tensor{Type: kernels.Int32, Shape: shape, At: func(i int) float64 { return float64(f(i)) }}
}

// TestParityPseudoLabels: logits are compared, not computed with; so slots and counts are equal.
func TestParityPseudoLabels(t *testing.T) {
	var cases []parity.Case
	for _, s := range [][2]int{{0, 3}, {1, 1}, {3, 5}, {31, 2}, {33, 64}, {64, 32}, {257, 100}, {2500, 7}} {
		b, k := s[0], s[1]
		logits := parity.Floats(1, -1, 1, 2*b, k)
		for _, l := range []parity.Tensor{logits, logits.Awkward(), parity.Ints(2, 3, 2*b, k)} {
			l.Type = kernels.Float32 // whole numbers are ties
			cases = append(cases, parity.Case{
				Name: fmt.Sprint(len(cases)%3, "/", s), In: []parity.Tensor{l}, Large: b > 1000,
				Out: []parity.Tensor{parity.Output(kernels.Int32, 2*b), parity.Output(kernels.Int32, min(k, b))},
				Run: func(out, in []*kernels.Array) { PseudoLabels(out[0], out[1], in[0]) },
			})
		}
	}
	nan, inf := math.NaN(), math.Inf(1)
	odd := []float64{nan, nan, nan, nan, 1, nan, -inf, -inf, -inf, nan, nan, -inf, inf, 0, inf, 0, 0, math.Copysign(0, -1)}
	cases = append(cases, parity.Case{
		Name: "NaN", In: []parity.Tensor{parity.Values(kernels.Float32, odd, 12, 3)},
		Out: []parity.Tensor{parity.Output(kernels.Int32, 12), parity.Output(kernels.Int32, 3)},
		Run: func(out, in []*kernels.Array) { PseudoLabels(out[0], out[1], in[0]) },
	})
	parity.Run(t, cases...)
}

// TestParitySlotsOf: any labels, negative ones and the largest among them.
func TestParitySlotsOf(t *testing.T) {
	var cases []parity.Case
	for name, f := range map[string]func(i int) int{
		"one":         func(i int) int { return 7 },
		"falling":     func(i int) int { return -3 * i },
		"repeated":    func(i int) int { return i * i % 13 },
		"the largest": func(i int) int { return math.MaxInt32 - i%3*math.MaxInt32 },
	} {
		for _, n := range []int{0, 1, 2, 31, 32, 33, 1023, 1025, maxShared, maxShared + 1, 16385} {
			cases = append(cases, parity.Case{
				Name: fmt.Sprint(name, "/", n), In: []parity.Tensor{labelsOf(f, n)}, Large: n > maxShared+1,
				Out: []parity.Tensor{parity.Output(kernels.Int32, 2*n), parity.Output(kernels.Int32, n)},
				Run: func(out, in []*kernels.Array) { SlotsOf(out[0], out[1], in[0]) },
			})
		}
	}
	parity.Run(t, cases...)
}

// TestParityCounts: whole numbers.
func TestParityCounts(t *testing.T) {
	var cases []parity.Case
	for _, n := range []int{0, 1, 32, 257} {
		cases = append(cases, parity.Case{
			Name: fmt.Sprint(n), In: []parity.Tensor{parity.Ints(1, 1<<24, n)}, Out: []parity.Tensor{parity.Output(kernels.Float32, n)},
			Run: func(out, in []*kernels.Array) { Counts(out[0], in[0]) },
		})
	}
	parity.Run(t, cases...)
}

// slotCase are rows in slots.
type slotCase struct {
	rows, slots, columns int
	slot                 func(i int) int
}

func (c slotCase) name() string { return fmt.Sprint(c.rows, "x", c.columns, " in ", c.slots) }

func (c slotCase) counts() []float64 {
	n := make([]float64, c.slots)
	for i := range c.rows {
		n[c.slot(i)]++
	}
	return n
}

// slotCases: columns around a float4, a block and a block of float4s; rows beyond one list of members.
func slotCases() []slotCase {
	one, two := func(int) int { return 0 }, func(i int) int { return i % 2 * 2 }
	list := []slotCase{
		{0, 2, 3, one},
		{1, 1, 1, one},
		{6, 3, 0, one},
		{5, 3, 1, two},
		{6, 3, 4, two},
		{7, 4, 127, two},
		{7, 4, 129, two},
		{9, 3, 515, two},
		{9, 3, 516, two},
		{33, 33, 20, func(i int) int { return i * 7 % 33 }},
		{128, 32, 640, func(i int) int { return i * i % 32 }},
		{4100, 2, 5, func(i int) int { return i / 4000 }},
	}
	return append(list, slotCase{65537, 3, 2, two})
}

// TestParityMeans: n rounded additions of members in order, and a rounded quotient. The worst of n roundings all of one sign
// is n 2^-24 of a mean of numbers below 1; some dozens would do.
func TestParityMeans(t *testing.T) {
	var cases []parity.Case
	for _, c := range slotCases() {
		in := []parity.Tensor{parity.Floats(1, -1, 1, c.rows, c.columns), labelsOf(c.slot, c.rows), parity.Values(kernels.Int32, c.counts(),
			c.slots)}
		cases = append(cases, parity.Case{
			Name: "means/" + c.name(), Bound: float64(c.rows+1) * 0x1p-24, In: in, Large: c.rows > 1000,
			Out: []parity.Tensor{parity.Output(kernels.Float32, c.slots, c.columns)},
			Run: func(out, in []*kernels.Array) { Means(out[0], in[0], in[1], in[2]) },
		})
		awkward := append([]parity.Tensor{in[0].Awkward()}, in[1:]...)
		cases = append(cases, parity.Case{
			Name: "awkward/" + c.name(), Bound: float64(c.rows+1) * 0x1p-24, In: awkward, Large: c.rows > 1000,
			Out: []parity.Tensor{parity.Output(kernels.Float32, c.slots, c.columns)},
			Run: func(out, in []*kernels.Array) { Means(out[0], in[0], in[1], in[2]) },
		})
	}
	parity.Run(t, cases...)
}

// TestParityMeansBackward: a quotient, a product and a sum, each rounded once.
func TestParityMeansBackward(t *testing.T) {
	var cases []parity.Case
	for _, c := range slotCases() {
		for _, accumulate := range []bool{false, true} {
			out := parity.Output(kernels.Float32, c.rows, c.columns)
			if accumulate {
				out = parity.Floats(2, -1, 1, c.rows, c.columns)
			}
			cases = append(cases, parity.Case{
				Name: fmt.Sprint(c.name(), "/", accumulate), Bound: 3 * 0x1p-24, Large: c.rows > 1000, Out: []parity.Tensor{out},
				In: []parity.Tensor{
					parity.Floats(1, -1, 1, c.slots, c.columns).Awkward(), labelsOf(c.slot, c.rows),
					parity.Values(kernels.Int32, c.counts(), c.slots),
				},
				Run: func(out, in []*kernels.Array) { MeansBackward(out[0], in[0], in[1], in[2], accumulate) },
			})
		}
	}
	parity.Run(t, cases...)
}

// centroidCases are rows of N, K, D with labels; sizes around a piece and a chunk of rows.
var centroidCases = []struct {
	name    string
	n, k, d int
	label   func(i int) int
}{
	{"no rows", 0, 3, 2, nil},
	{"no clusters", 4, 0, 2, func(int) int { return -1 }},
	{"no columns", 5, 2, 0, func(i int) int { return i % 2 }},
	{"one", 1, 1, 1, func(int) int { return 0 }},
	{"a hole and none", 300, 7, 5, func(i int) int { return i*i%6 - 1 }},
	{"one holds all", pieceRows + 1, 9, 128, func(int) int { return 4 }},
	{"each its own", 65, 65, 4, func(i int) int { return 64 - i }},
	{"wide", 40, 3, 260, func(i int) int { return i % 3 }},
	{"a chunk", chunkRows, 40, 33, func(i int) int { return i * 31 % 40 }},
	{"a chunk and one", chunkRows + 1, 40, 3, func(i int) int { return i * 31 % 40 }},
	{"unequal", 2999, 50, 12, func(i int) int { return int(50/math.Sqrt(float64(i+1.))) % 50 }},
	{"many rows", 65537, 20, 2, func(i int) int { return i * 7 % 21 % 20 }},
	{"many clusters", 1500, 1101, 4, func(i int) int { return i * 977 % 1101 }},
}

// TestParityCentroids: sums are float64, so the error is the rounding of the mean. An empty cluster keeps its row.
func TestParityCentroids(t *testing.T) {
	var cases []parity.Case
	for _, c := range centroidCases {
		x := parity.Floats(1, -3, 4, c.n, c.d)
		for name, x := range map[string]parity.Tensor{"": x, " with NaN": x.Awkward()} {
			cases = append(cases, parity.Case{
				Name: c.name + name, Bound: 0x1p-24, Large: c.n > 2000, In: []parity.Tensor{x, labelsOf(c.label, c.n)},
				Out: []parity.Tensor{parity.Floats(2, -1, 1, c.k, c.d), parity.Output(kernels.Int32, c.k)},
				Run: func(out, in []*kernels.Array) { Centroids(out[0], out[1], in[0], in[1]) },
			})
		}
	}
	parity.Run(t, cases...)
}

// TestParityUnaligned: rows of whole float4s that begin 4 bytes off take the path of single floats.
func TestParityUnaligned(t *testing.T) {
	const n, k, d = 9, 3, 8
	label, one := labelsOf(func(i int) int { return i % 2 }, n),
		func(a *kernels.Array, rows int) *kernels.Array { return a.View(1, rows, d) }
	x, out := parity.Floats(1, -1, 1, n*d+1), parity.Floats(2, -1, 1, k*d+1)
	count := parity.Values(kernels.Int32, []float64{5, 4, 0}, k)
	parity.Run(t, parity.Case{
		Name: "centroids", Bound: 0x1p-24, In: []parity.Tensor{x, label}, Out: []parity.Tensor{out, parity.Output(kernels.Int32, k)},
		Run: func(out, in []*kernels.Array) { Centroids(one(out[0], k), out[1], one(in[0], n), in[1]) },
	}, parity.Case{
		Name: "means", Bound: n * 0x1p-24, In: []parity.Tensor{x, label, count}, Out: []parity.Tensor{out},
		Run: func(out, in []*kernels.Array) { Means(one(out[0], k), one(in[0], n), in[1], in[2]) },
	}, parity.Case{
		Name: "gradient", Bound: 3 * 0x1p-24, In: []parity.Tensor{out, label, count}, Out: []parity.Tensor{x},
		Run: func(out, in []*kernels.Array) { MeansBackward(one(out[0], n), one(in[0], k), in[1], in[2], true) },
	})
}

// TestGroupingIsStable looks at the order itself: that of the CPU's counting sort, labels out of range left out.
func TestGroupingIsStable(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		for _, c := range centroidCases {
			if c.n > 5000 || c.k == 0 {
				continue
			}
			labels, kept := make([]int32, c.n), 0
			for i := range labels {
				labels[i] = int32(c.label(i))
			}
			order, end, counts := make([]int32, c.n), make([]int32, c.k), make([]int32, c.k)
			sortByLabel(order, end, counts, labels)
			for i, l := range labels {
				if l >= 0 {
					kept++
				} else if i%2 == 0 {
					labels[i] = int32(c.k) // as good as -1
				}
			}
			g, label, count := newGrouping(dev, c.n, c.k), kernels.Of(dev, labels, c.n), dev.Scratch(kernels.Int32, c.k)
			g.count(count, label)
			g.place(count, label)
			if got := kernels.Read[int32](g.order)[:kept]; !slices.Equal(got, order[:kept]) {
				t.Errorf("%s: order %v, want %v", c.name, got, order[:kept])
			}
			if got := kernels.Read[int32](count); !slices.Equal(got, counts) {
				t.Errorf("%s: counts %v, want %v", c.name, got, counts)
			}
			g.free()
			label.Free()
			count.Free()
		}
	})
}

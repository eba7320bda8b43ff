package loss

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// within compares each output with the float64 run by the bound of that place, relative to the output's own largest number:
// gradients are far below 1. NaN equals NaN alone, an infinity itself.
func within(bounds ...float64) func(t testing.TB, in, want, got []*kernels.Array) {
	return func(t testing.TB, _, want, got []*kernels.Array) {
		t.Helper()
		for i, bound := range bounds {
			w, g, largest := parity.Numbers(want[i]), parity.Numbers(got[i]), 0.0
			for _, v := range w {
				if a := math.Abs(v); a > largest && !math.IsInf(a, 0) {
					largest = a
				}
			}
			for j := range w {
				same := g[j] == w[j] || math.IsNaN(g[j]) && math.IsNaN(w[j])
				if d := math.Abs(g[j] - w[j]); !same && !(d <= bound*largest) {
					t.Fatalf("output %d, %v: element %d is %.9g, want %.9g: off by %.2g of the largest, bound %.2g", i, got[i], j, g[j],
						w[j], d/largest, bound)
				}
			}
		}
	}
}

// slotted are rows spread over the slots that taken holds, both views of an image in one, and the slots' counts.
func slotted(rows, slots int, taken ...int) (slot, count parity.Tensor) {
	of := func(i int) int { return taken[i%(rows/2)*7%len(taken)] }
	counts := make([]float64, slots)
	for i := range rows {
		counts[of(i)]++
	}
	slot = parity.Tensor{Type: kernels.Int32, Shape: []int{rows}, At: func(i int) float64 { return float64(of(i)) }}
	return slot, parity.Values(kernels.Int32, append(counts, 0), slots)
}

// all are the slots 0 to n-1.
func all(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// emptied is x with NaN in the rows of slots without members, as no op wrote them.
func emptied(x parity.Tensor, count parity.Tensor) parity.Tensor {
	per := 1
	for _, s := range x.Shape[1:] {
		per *= s
	}
	at := x.At
	x.At = func(i int) float64 {
		if count.At(i/max(1, per)) == 0 {
			return math.NaN()
		}
		return at(i)
	}
	return x
}

// TestParityMetric: a similarity is off by some 2^-24 of the sum of its products' sizes, at most D/100 here, over t. By as
// much, relatively, are exponentials off, and with them the gradient.
func TestParityMetric(t *testing.T) {
	sizes := []struct {
		rows, slots, d int
		taken          []int
		t, alpha       float64
		awkward        bool
	}{
		{0, 3, 5, nil, 0.1, 1, false},
		{2, 1, 1, all(1), 0.1, 1, false},
		{2, 3, 4, []int{1}, 0.1, 1, false},
		{6, 3, 5, all(3), 0.1, 1, false},
		{14, 31, 127, []int{30, 2, 7, 5}, 0.1, 0.5, false},
		{16, 4, 128, []int{0, 3}, 0.1, 1, false},
		{18, 33, 129, all(33), 0.2, 1, false},
		{62, 29, 257, all(29), 0.1, 0, false},
		{10, 5, 513, all(5), 0.1, 1, false},
		{6, 4, 8, all(4), 0.001, 1, false},
		{8, 3, 0, all(3), 0.1, 1, false},
		{18, 5, 7, []int{4, 1, 0}, 0.1, 1, true},
		{128, 32, 128, all(32), 0.1, 1, false},
		{34, 1023, 3, all(17), 0.1, 1, false},
		{6, 1024, 3, []int{1023, 5}, 0.1, 1, false},
		{34, 1025, 3, []int{1024, 0, 512, 9}, 0.1, 1, false},
		{4, 1025, 5, []int{1024, 3}, 0.1, 1, false},
		{8194, 3, 2, all(3), 0.1, 1, false}, // twice the rows of the largest batch; a block for every 8
	}
	var cases []parity.Case
	for _, s := range sizes {
		slot, count := slotted(s.rows, s.slots, s.taken...)
		f, c := parity.Floats(1, -0.1, 0.1, s.rows, s.d), emptied(parity.Floats(2, -0.1, 0.1, s.slots, s.d), count)
		if s.awkward {
			f = f.Awkward()
		}
		bound := 0x1p-22 * (1 + float64(s.d)/100/s.t)
		cases = append(cases, parity.Case{
			Name:  fmt.Sprintf("%dx%d/%d of %d slots/t %g/alpha %g", s.rows, s.d, len(s.taken), s.slots, s.t, s.alpha),
			Large: s.rows*s.slots > 1e4, In: []parity.Tensor{f, c, slot, count},
			Out: []parity.Tensor{
				parity.Output(kernels.Float32, 1), parity.Output(kernels.Float32, s.rows, s.d),
				parity.Output(kernels.Float32, 1),
			},
			Check: within(bound, bound, bound),
			Run: func(out, in []*kernels.Array) {
				Metric(out[0], out[1], in[0], in[1], in[2], in[3], s.t, s.alpha)
				Metric(out[2], nil, in[0], in[1], in[2], in[3], s.t, s.alpha)
			},
		})
	}
	parity.Run(t, cases...)
}

// TestParityMetricDominated: exponentials that overflow or vanish, and 1-p that is 0, at similarities of up to 1e7. Rows
// lie on a centroid each, so that products are exact.
func TestParityMetricDominated(t *testing.T) {
	var cases []parity.Case
	for _, scale := range []float64{1, 100, 1e4} {
		slot, count := slotted(6, 3, all(3)...)
		f := parity.Values(kernels.Float32, []float64{1, 0}, 6, 2)
		c := parity.Values(kernels.Float32, []float64{scale, 0, -scale, 0, 0, scale}, 3, 2)
		cases = append(cases, parity.Case{
			Name: fmt.Sprint(scale), In: []parity.Tensor{f, c, slot, count}, Check: within(1e-7, 1e-7),
			Out: []parity.Tensor{parity.Output(kernels.Float32, 1), parity.Output(kernels.Float32, 6, 2)},
			Run: func(out, in []*kernels.Array) { Metric(out[0], out[1], in[0], in[1], in[2], in[3], 0.001, 1) },
		})
	}
	parity.Run(t, cases...)
}

// TestParityRim: the op is float64 inside; its outputs round once.
func TestParityRim(t *testing.T) {
	var cases []parity.Case
	add := func(name string, x parity.Tensor) {
		n, k := x.Shape[0], x.Shape[1]
		cases = append(cases, parity.Case{
			Name: fmt.Sprint(name, x.Shape), Large: n*k > 1e4, In: []parity.Tensor{x}, Check: within(1e-7, 1e-7, 1e-7, 1e-7, 1e-7),
			Out: []parity.Tensor{
				parity.Output(kernels.Float32, 1), parity.Output(kernels.Float32, 2), parity.Output(kernels.Float32, n, k),
				parity.Output(kernels.Float32, 1), parity.Output(kernels.Float32, 2),
			},
			Run: func(out, in []*kernels.Array) {
				Rim(out[0], out[1], out[2], in[0], 0.7)
				Rim(out[3], out[4], nil, in[0], 0.7)
			},
		})
	}
	for _, s := range [][2]int{
		{0, 3},
		{3, 0},
		{1, 1},
		{1, 2},
		{5, 1},
		{7, 3},
		{8, 31},
		{9, 33},
		{17, 65},
		{128, 32},
		{3, 2049},
		{65537, 2},
	} {
		add("", parity.Floats(1, -4, 4, s[0], s[1]))
	}
	add("awkward", parity.Floats(1, -4, 4, 9, 5).Awkward())
	add("steep", parity.Floats(1, -1e4, 1e4, 9, 5))
	inf := math.Inf(1)
	add("certain", parity.Values(kernels.Float32, []float64{0, -inf, -inf, -inf, 0, -inf}, 4, 3))
	add("nothing", parity.Values(kernels.Float32, []float64{-inf, -inf, 1, 2}, 4, 2))
	parity.Run(t, cases...)
}

// TestParityReconstruction: all differences are above 1, so that the gradient's sum over m members, a chain of floats, is off
// by less than m+2 roundings. Squares are summed by the CPU in chains of 256 floats, whose roundings add up to some
// sqrt(256) of one.
func TestParityReconstruction(t *testing.T) {
	sizes := []struct {
		rows, slots int
		taken       []int
		image       []int
	}{
		{4, 2, all(2), []int{2, 3, 1}},
		{8, 4, []int{2, 0}, []int{3, 3, 3}},
		{2, 1, all(1), []int{1, 1, 1}},
		{66, 3, []int{2}, []int{2, 2, 1}},
		{4, 2, all(2), []int{19, 18, 3}},
		{6, 3, all(2), []int{32, 32, 1}},
		{34, 17, all(17), []int{1020}},
		{34, 5, all(5), []int{1028}},
		{4, 2, all(2), []int{255}},
		{4, 2, all(2), []int{257}},
		{0, 3, nil, []int{4, 4, 1}},
		{4, 2, all(2), []int{3, 0}},
		{65538, 2, all(2), []int{3}},
	}
	var cases []parity.Case
	for _, s := range sizes {
		for shift := range 2 { // images that do not start on 16 bytes, too
			slot, count := slotted(s.rows, s.slots, s.taken...)
			size := 1
			for _, n := range s.image {
				size *= n
			}
			of := func(a *kernels.Array, n int) *kernels.Array { return a.View(shift, append([]int{n}, s.image...)...) }
			d := emptied(parity.Floats(1, 2, 3, s.slots, size), count)
			d.Shape = []int{s.slots*size + shift}
			start := d.At
			d.At = func(i int) float64 { return start(max(0, i-shift)) }
			cases = append(cases, parity.Case{
				Name:  fmt.Sprintf("%dx%v/%d of %d slots/from %d", s.rows, s.image, len(s.taken), s.slots, shift),
				Large: s.rows*size > 1e5,
				In:    []parity.Tensor{d, parity.Floats(2, 0, 1, s.rows*size+shift), slot, count},
				Out: []parity.Tensor{
					parity.Output(kernels.Float32, 1), parity.Output(kernels.Float32, s.slots*size+shift),
					parity.Output(kernels.Float32, 1),
				},
				Check: within(1e-6, float64(s.rows+2)*0x1p-24, 1e-6),
				Run: func(out, in []*kernels.Array) {
					Reconstruction(out[0], of(out[1], s.slots), of(in[0], s.slots), of(in[1], s.rows), in[2], in[3])
					Reconstruction(out[2], nil, of(in[0], s.slots), of(in[1], s.rows), in[2], in[3])
				},
			})
		}
	}
	parity.Run(t, append(cases, awkwardReconstruction())...)
}

// awkwardReconstruction has targets that are no numbers: loss and gradient show it, each where it is.
func awkwardReconstruction() parity.Case {
	slot, count := slotted(8, 5, 0, 2, 3)
	return parity.Case{
		Name: "awkward", In: []parity.Tensor{
			emptied(parity.Floats(1, 2, 3, 5, 40), count), parity.Floats(2, 0, 1, 8, 40).Awkward(), slot,
			count,
		},
		Out:   []parity.Tensor{parity.Output(kernels.Float32, 1), parity.Output(kernels.Float32, 5, 40)},
		Check: within(1e-6, 10*0x1p-24),
		Run:   func(out, in []*kernels.Array) { Reconstruction(out[0], out[1], in[0], in[1], in[2], in[3]) },
	}
}

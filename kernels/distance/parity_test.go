package distance

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// The widths are around those of a chunk (32 and 64), those that stay in shared memory (128 and 192), and beyond.
var widths = []int{1, 3, 16, 17, 64, 127, 128, 129, 300, 512}

// near is rows whose every third lies close to the one before, so that squared distances cancel, and every seventh
// equals it.
func near(seed uint64, n, d int) parity.Tensor {
	x := rowsWithNeighbours(kernels.CPU(), kernels.Float64, seed, n, d)
	return parity.Tensor{Type: kernels.Float32, Shape: []int{n, d}, At: func(i int) float64 { return optest.Get(x, i) }}
}

// scaled is x with row i multiplied by a power of ten between 10^-most and 10^most, and within each row every fifth
// element by 10^-4: so the largest element of a row says little about the others.
func scaled(x parity.Tensor, most float64) parity.Tensor {
	at, d := x.At, x.Shape[1]
	x.At = func(i int) float64 {
		v := at(i) * math.Pow(10, math.Remainder(float64(i/d)*0.37, 1)*2*most)
		if i%5 == 0 {
			v *= 1e-4
		}
		return v
	}
	return x
}

// whole is small whole numbers: every score is exact, so that ties are many and all implementations agree on them.
func whole(seed uint64, n, d int) parity.Tensor {
	x := parity.Floats(seed, -2, 3, n, d)
	at := x.At
	x.At = func(i int) float64 { return math.Floor(at(i)) }
	return x
}

// gpuError is a kernel's addition to errorBound: 16 in place of nothing at the side of D, for the bits that the
// halves of a number and the tensor cores' adders leave out (include/tile.cuh).
func gpuError(x, y []float64, m Metric) float64 {
	extra := 16 * roundoff[kernels.Float32]
	xx, yy := between(x, x, InnerProduct), between(y, y, InnerProduct)
	switch m {
	case Cosine:
		return extra
	case InnerProduct:
		return extra * math.Sqrt(xx*yy)
	}
	return min(extra*(xx+yy), 1024*extra*between(x, y, SquaredL2))
}

func rowsOf(a *kernels.Array) [][]float64 {
	all, d := parity.Numbers(a), a.Dim(1)
	out := make([][]float64, a.Dim(0))
	for i := range out {
		out[i] = all[i*d : (i+1)*d]
	}
	return out
}

// checkPairwise compares every entry with its own bound; entries that are not finite must be the same. Subnormal results
// keep no relative bound.
func checkPairwise(m Metric) func(t testing.TB, in, want, got []*kernels.Array) {
	return func(t testing.TB, in, want, got []*kernels.Array) {
		t.Helper()
		x, y := rowsOf(in[0]), rowsOf(in[1])
		w, g := parity.Numbers(want[0]), parity.Numbers(got[0])
		for at := range w {
			i, j := at/len(y), at%len(y)
			bound := errorBound(x[i], y[j], m, roundoff[kernels.Float32]) + gpuError(x[i], y[j], m) + 0x1p-148
			same := g[at] == w[at] || math.IsNaN(g[at]) && math.IsNaN(w[at])
			if diff := math.Abs(g[at] - w[at]); !same && !(diff <= bound && !math.IsInf(bound, 0)) {
				t.Fatalf("%v: [%d,%d] is %g, want %g, off by %.2g, bound %.2g", m, i, j, g[at], w[at], diff, bound)
			}
		}
	}
}

func pairwiseCase(name string, m Metric, x, y parity.Tensor, large bool) parity.Case {
	return parity.Case{
		Name: fmt.Sprintf("%s/%v/%dx%dx%d", name, m, x.Shape[0], y.Shape[0], x.Shape[1]), Large: large,
		In: []parity.Tensor{x, y}, Out: []parity.Tensor{parity.Output(kernels.Float32, x.Shape[0], y.Shape[0])},
		Run:   func(out, in []*kernels.Array) { Pairwise(out[0], in[0], in[1], m) },
		Check: checkPairwise(m),
	}
}

func TestParityPairwise(t *testing.T) {
	var cases []parity.Case
	for _, m := range metrics {
		for _, d := range widths {
			cases = append(cases, pairwiseCase("near", m, near(1, 13, d), near(1, 37, d), false))
		}
		for _, s := range [][3]int{{0, 3, 4}, {3, 0, 4}, {2, 3, 0}, {127, 129, 5}, {128, 128, 33}, {129, 255, 16}, {1, 300, 65}} {
			cases = append(cases, pairwiseCase("near", m, near(1, s[0], s[2]), near(1, s[1], s[2]), s[0]*s[1] > 10000))
		}
		cases = append(cases,
			pairwiseCase("scaled", m, scaled(near(1, 61, 40), 12), scaled(near(2, 67, 40), 12), false),
			pairwiseCase("awkward", m, near(1, 21, 9).Awkward(), near(2, 17, 9).Awkward(), false),
			pairwiseCase("awkward", m, near(1, 5, 130).Awkward(), near(2, 150, 130), false),
		)
	}
	cases = append(cases, pairwiseCase("tall", Cosine, near(1, 65537, 3), near(2, 5, 3), true))
	// Where rows are so large or small that their squared lengths leave float32, products of two of them still do
	// not.
	far := scaled(near(1, 40, 24), 15)
	cases = append(cases, pairwiseCase("extreme", Cosine, far, far, false))
	parity.Run(t, cases...)
}

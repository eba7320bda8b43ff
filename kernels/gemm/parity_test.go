package gemm

import (
	"fmt"
	"testing"

	"udml-gpu/cgo/cublas"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// deviceShapes are m, n, k beyond shapes: the edges of the GPU's tiles, and sums that are split.
var deviceShapes = [][3]int{{64, 64, 16}, {65, 63, 17}, {128, 65, 48}}

// longShapes are run with one pair of transpositions each: the emulator multiplies whole tiles.
var longShapes = [][3]int{{65537, 3, 2}, {3, 5, 16400}, {7, 65537, 1}}

// trans are transA, transB.
var trans = [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}}

// floats is a matrix whose op is rows x cols.
func floats(seed uint64, trans bool, rows, cols int) parity.Tensor {
	if trans {
		rows, cols = cols, rows
	}
	return parity.Floats(seed, -1, 1, rows, cols)
}

// TestParity has the contract's bound, (k+16) eps, of the largest element: the excess of sum |a b| over that, the signs of
// random rounding errors make up for.
func TestParity(t *testing.T) {
	var cases []parity.Case
	for _, s := range append(deviceShapes, shapes...) {
		for _, tr := range trans {
			both := gemmCases(s, tr)
			if both[1].Large {
				both = both[:1] // the emulator is slow
			}
			cases = append(cases, both...)
		}
	}
	for i, s := range longShapes {
		cases = append(cases, gemmCases(s, trans[i])[0])
	}
	cases = append(cases, awkwardCases()...)
	cases = append(cases, linearCases()...)
	cases = append(cases, tokenCases()...)
	parity.Run(t, append(cases, columnSumsCases()...)...)
}

func gemmCases(s [3]int, tr [2]bool) []parity.Case {
	m, n, k := s[0], s[1], s[2]
	in := []parity.Tensor{floats(1, tr[0], m, k), floats(2, tr[1], k, n)}
	name, large := fmt.Sprint(s, tr), m*n*k > 100_000
	return []parity.Case{{
		Name: "gemm/" + name, Bound: boundOf(kernels.Float32, k), Large: large,
		In: in, Out: []parity.Tensor{parity.Output(kernels.Float32, m, n)},
		Run: func(out, in []*kernels.Array) { Gemm(out[0], in[0], in[1], tr[0], tr[1], 0.75, 0) },
	}, {
		// The addition rounds once more.
		Name: "gemm added/" + name, Bound: boundOf(kernels.Float32, k+1), Large: large,
		In: in, Out: []parity.Tensor{parity.Floats(3, -1, 1, m, n)},
		Run: func(out, in []*kernels.Array) { Gemm(out[0], in[0], in[1], tr[0], tr[1], 0.75, -0.5) },
	}}
}

// awkwardCases have numbers that are not finite, rows of very different sizes, and matrices that start on no multiple of
// 16 bytes.
func awkwardCases() []parity.Case {
	wide := func(x parity.Tensor, row int) parity.Tensor {
		at := x.At
		x.At = func(i int) float64 { return at(i) * float64([...]float32{1, 1e-18, 1e12}[i/row%3]) }
		return x
	}
	var cases []parity.Case
	for _, tr := range trans {
		cases = append(cases, parity.Case{
			Name: fmt.Sprint("not finite/", tr), Bound: boundOf(kernels.Float32, 33),
			In:  []parity.Tensor{floats(1, tr[0], 70, 33).Awkward(), floats(2, tr[1], 33, 67)},
			Out: []parity.Tensor{parity.Output(kernels.Float32, 70, 67)},
			Run: func(out, in []*kernels.Array) { Gemm(out[0], in[0], in[1], tr[0], tr[1], 1, 0) },
		}, parity.Case{
			Name: fmt.Sprint("unaligned/", tr), Bound: boundOf(kernels.Float32, 20),
			In:  []parity.Tensor{parity.Floats(1, -1, 1, 1+68*20), parity.Floats(2, -1, 1, 3+20*64)},
			Out: []parity.Tensor{parity.Floats(3, -1, 1, 2+68*64)},
			Run: func(out, in []*kernels.Array) {
				a, b := floats(0, tr[0], 68, 20).Shape, floats(0, tr[1], 20, 64).Shape
				Gemm(out[0].View(2, 68, 64), in[0].View(1, a...), in[1].View(3, b...), tr[0], tr[1], 1, 0)
			},
		})
	}
	return append(cases, parity.Case{
		Name: "scales", In: []parity.Tensor{wide(floats(1, false, 66, 40), 40), floats(2, true, 40, 65)},
		Out: []parity.Tensor{parity.Output(kernels.Float32, 66, 65)}, Check: checkScales,
		Run: func(out, in []*kernels.Array) { Gemm(out[0], in[0], in[1], false, true, 1, 0) },
	})
}

// checkScales compares each row with the bound of its own size, so that errors of small rows are not hidden by large ones.
func checkScales(t testing.TB, _, want, got []*kernels.Array) {
	w, g := parity.Numbers(want[0]), parity.Numbers(got[0])
	cols := want[0].Dim(1)
	for i := range want[0].Dim(0) {
		scale := [...]float64{1, 1e-18, 1e12}[i%3]
		for j := range cols {
			// Sums of 40 products below 1 stay below 16.
			if d := (g[i*cols+j] - w[i*cols+j]) / scale; !(d*d <= square(16*boundOf(kernels.Float32, 40))) {
				t.Fatalf("row %d, column %d: %g, want %g", i, j, g[i*cols+j], w[i*cols+j])
			}
		}
	}
}

func square(x float64) float64 { return x * x }

func linearCases() []parity.Case {
	var cases []parity.Case
	for _, s := range append(linearShapes, [3]int{3, 4100, 65}) {
		n, in, out := s[0], s[1], s[2]
		x, w, b := parity.Floats(1, -1, 1, n, in), parity.Floats(2, -1, 1, out, in), parity.Floats(3, -1, 1, out)
		cases = append(cases, parity.Case{
			Name: fmt.Sprint("linear/", s), Bound: boundOf(kernels.Float32, in+1), Large: n*in*out > 100_000,
			In: []parity.Tensor{x, w, b}, Out: []parity.Tensor{parity.Output(kernels.Float32, n, out)},
			Run: func(out, in []*kernels.Array) { Linear(out[0], in[0], in[1], in[2]) },
		}, parity.Case{
			// Each gradient is a sum of its own; the longest has as many terms as the largest size.
			Name: fmt.Sprint("linear backward/", s), Bound: boundOf(kernels.Float32, max(n, in, out)), Large: n*in*out > 100_000,
			In: []parity.Tensor{x, w, parity.Floats(4, -1, 1, n, out)},
			Out: []parity.Tensor{
				parity.Output(kernels.Float32, n, in), parity.Output(kernels.Float32, out, in),
				parity.Output(kernels.Float32, out),
			},
			Run: func(out, in []*kernels.Array) { LinearBackward(out[0], out[1], out[2], in[2], in[0], in[1]) },
		})
	}
	return cases
}

// tokenCases: the bias is one addition more.
func tokenCases() []parity.Case {
	var cases []parity.Case
	for _, s := range tokenShapes {
		n, tokens, in, out := s[0], s[1], s[2], s[3]
		cases = append(cases, parity.Case{
			Name: fmt.Sprint("linear tokens/", s), Bound: boundOf(kernels.Float32, in+1), Large: n*tokens*in*out > 100_000,
			In:  []parity.Tensor{parity.Floats(1, -1, 1, n, tokens, in), parity.Floats(2, -1, 1, out, in), parity.Floats(3, -1, 1, out)},
			Out: []parity.Tensor{parity.Output(kernels.Float32, n, tokens, out)},
			Run: func(out, in []*kernels.Array) { LinearTokens(out[0], in[0], in[1], in[2]) },
		})
	}
	return cases
}

func columnSumsCases() []parity.Case {
	var cases []parity.Case
	for _, s := range [][2]int{
		{0, 3},
		{5, 0},
		{1, 1},
		{7, 5},
		{255, 33},
		{257, 31},
		{4099, 3},
		{4097, 64},
		{513, 300},
		{65537, 2},
		{1, 4},
		{1, 7},
		{37, 12},
		{1030, 8},
		{147, 132},
	} {
		cases = append(cases, parity.Case{
			Name: fmt.Sprint("column sums/", s), Bound: boundOf(kernels.Float32, s[0]), Large: s[0]*s[1] > 20_000,
			In: []parity.Tensor{parity.Floats(1, -1, 1, s[0], s[1])}, Out: []parity.Tensor{parity.Output(kernels.Float32, s[1])},
			Run: func(out, in []*kernels.Array) { ColumnSums(out[0], in[0]) },
		})
	}
	for from := range 5 { // the sums are of one part, so that they too begin anywhere
		cases = append(cases, parity.Case{
			Name: fmt.Sprint("column sums/unaligned/", from), Bound: boundOf(kernels.Float32, 70),
			In: []parity.Tensor{parity.Floats(1, -1, 1, 4+70*12)}, Out: []parity.Tensor{parity.Floats(2, -1, 1, 4+12)},
			Run: func(out, in []*kernels.Array) { ColumnSums(out[0].View(from, 12), in[0].View(from, 70, 12)) },
		}, parity.Case{
			Name: fmt.Sprint("column sums/unaligned sums/", from), Bound: boundOf(kernels.Float32, 70),
			In: []parity.Tensor{parity.Floats(1, -1, 1, 70, 12)}, Out: []parity.Tensor{parity.Floats(2, -1, 1, 4+12)},
			Run: func(out, in []*kernels.Array) { ColumnSums(out[0].View(from, 12), in[0]) },
		})
	}
	return append(cases, parity.Case{
		Name: "column sums/not finite", Bound: boundOf(kernels.Float32, 100),
		In: []parity.Tensor{parity.Floats(1, -1, 1, 100, 7).Awkward()}, Out: []parity.Tensor{parity.Output(kernels.Float32, 7)},
		Run: func(out, in []*kernels.Array) { ColumnSums(out[0], in[0]) },
	}, parity.Case{
		Name: "column sums/not finite in packs", Bound: boundOf(kernels.Float32, 100),
		In: []parity.Tensor{parity.Floats(1, -1, 1, 100, 8).Awkward()}, Out: []parity.Tensor{parity.Output(kernels.Float32, 8)},
		Run: func(out, in []*kernels.Array) { ColumnSums(out[0], in[0]) },
	})
}

// TestOtherBackend runs the cases with the backend that TestParity did not use: the own kernels where cuBLASLt is installed, its
// stand-in on the emulated device otherwise.
func TestOtherBackend(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		if cublas.Problem() == "" {
			parity.Again(t, "^TestParity(Stored)?$", cublas.OffVariable+"=1")
			return
		}
		if !parity.Emulated(t) {
			parity.LeaveOut(t, "there is no cuBLASLt, and its stand-in runs on the emulated device alone")
		}
		parity.Again(t, "^TestParity(Stored)?$", cublas.FileVariable+"="+parity.StandIn(t, "libcublasLt.so.12"), cublas.OffVariable+"=")
	})
}

package gemm

import (
	"fmt"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// storedCases have bfloat16 factors. Their products are exact in float32, so that the bound of a result in float32 is Gemm's; one in
// bfloat16 is rounded once more, and the bias, below 1, too where it is added to c.
func storedCases() []parity.Case {
	var cases []parity.Case
	for _, s := range append(deviceShapes, shapes...) {
		m, n, k := s[0], s[1], s[2]
		for _, tr := range trans[:3] {
			in := []parity.Tensor{floats(1, tr[0], m, k), floats(2, tr[1], k, n)}
			c := parity.Case{
				Name: fmt.Sprint("gemm/", s, tr), Bound: boundOf(kernels.Float32, k), Large: m*n*k > 100_000,
				In: in, Out: []parity.Tensor{parity.Output(kernels.Float32, m, n)},
				Run: func(out, in []*kernels.Array) { Gemm(out[0], in[0], in[1], tr[0], tr[1], 0.75, 0) },
			}
			single := c.StoredTimes(0, []int{0, 1}, nil)
			single.Name += ", result in float32"
			cases = append(cases, single, c.Stored([]int{0, 1}, []int{0}))
		}
	}
	for _, c := range linearCases() {
		in, out := []int{0, 1}, []int{0}
		if len(c.Out) == 3 { // a backward pass, whose third input is dy
			in = []int{0, 1, 2}
		}
		cases = append(cases, c.StoredTimes(2, in, out))
	}
	for _, c := range columnSumsCases() {
		cases = append(cases, c.StoredTimes(0, []int{0}, nil))
	}
	awkward := awkwardCases()[0].Stored([]int{0, 1}, []int{0})
	return append(cases, awkward)
}

// TestParityStored is run with cuBLASLt, or its stand-in, by TestOtherBackend.
func TestParityStored(t *testing.T) { parity.Run(t, storedCases()...) }

// TestStoredRoundsOnce: a sum of 600 terms that are half a step of 1 in bfloat16 each is not rounded on the way, where it is cut into
// parts.
func TestStoredRoundsOnce(t *testing.T) {
	const k, half = 600, 0x1p-8
	for _, dev := range parity.Devices(t) {
		ones, halves := make([]kernels.Brain, k), make([]kernels.Brain, k)
		for i := range ones {
			ones[i], halves[i] = bfloat.Of(1), bfloat.Of(half)
		}
		halves[0] = bfloat.Of(1)
		x, w, y := kernels.Of(dev, ones, 1, k), kernels.Of(dev, halves, 1, k), dev.New(kernels.BFloat16, 1, 1)
		Linear(y, x, w, nil)
		if got, want := kernels.Read[kernels.Brain](y)[0], bfloat.Of(1+(k-1)*half); got != want {
			t.Errorf("%s: the sum is %g, want %g", dev.Name(), bfloat.Float(got), bfloat.Float(want))
		}
		for _, a := range []*kernels.Array{x, w, y} {
			a.Free()
		}
	}
}

// TestStoredColumnSums: sums of columns have the bits that the same numbers give in float32, wherever the array begins.
func TestStoredColumnSums(t *testing.T) {
	for _, dev := range parity.Devices(t) {
		for _, s := range [][2]int{{1, 4}, {1, 7}, {1030, 8}, {147, 132}} {
			rows, cols := s[0], s[1]
			for from := range 9 {
				numbers := kernels.Data[float32](optest.Uniform(kernels.CPU(), kernels.Float32, 1, -1, 1, from+rows*cols))
				x := kernels.Of(dev, numbers, from+rows*cols)
				stored := dev.New(kernels.BFloat16, from+rows*cols)
				want, got := dev.New(kernels.Float32, cols), dev.New(kernels.Float32, cols)
				bfloat.Pack(stored, x)
				bfloat.Unpack(x, stored)
				ColumnSums(want, x.View(from, rows, cols))
				ColumnSums(got, stored.View(from, rows, cols))
				if !slices.Equal(kernels.Read[float32](got), kernels.Read[float32](want)) {
					t.Errorf("%s: %v from element %d: other sums than in float32", dev.Name(), s, from)
				}
				for _, a := range []*kernels.Array{x, stored, want, got} {
					a.Free()
				}
			}
		}
	}
}

// TestStoredRows: on the CPU the linear layers of evaluation round, once, what they make of the same numbers in float32.
func TestStoredRows(t *testing.T) {
	dev := kernels.CPU()
	for _, s := range tokenShapes {
		n, tokens, in, out := s[0], s[1], s[2], s[3]
		x, w, b := optest.Uniform(dev, kernels.Float32, 1, -1, 1, n, tokens, in), optest.Uniform(dev, kernels.Float32, 2, -1, 1, out, in),
			optest.Uniform(dev, kernels.Float32, 3, -1, 1, out)
		bfloat.Round(x)
		bfloat.Round(w)
		stored := func(a *kernels.Array) *kernels.Array {
			brain := dev.New(kernels.BFloat16, a.Shape()...)
			bfloat.Pack(brain, a)
			return brain
		}
		flat := func(a *kernels.Array) *kernels.Array { return a.Reshape(n*tokens, a.Dim(2)) }
		for name, linear := range map[string]func(y, x, w *kernels.Array){
			"tokens": func(y, x, w *kernels.Array) { LinearTokens(y, x, w, b) },
			"apart":  func(y, x, w *kernels.Array) { LinearApart(flat(y), flat(x), w, b) },
		} {
			want, got := optest.Poisoned(dev, kernels.Float32, n, tokens, out), dev.New(kernels.BFloat16, n, tokens, out)
			linear(want, x, w)
			linear(got, stored(x), stored(w))
			if !slices.Equal(kernels.Read[kernels.Brain](got), kernels.Read[kernels.Brain](stored(want))) {
				t.Errorf("%s %v: results differ from those of float32, rounded", name, s)
			}
		}
	}
}

// TestStoredRefuses: products that no layer needs, and arrays of other types.
func TestStoredRefuses(t *testing.T) {
	dev := kernels.CPU()
	brain, single, double := dev.New(kernels.BFloat16, 2, 2), dev.New(kernels.Float32, 2, 2), dev.New(kernels.Float64, 2, 2)
	bias := dev.New(kernels.BFloat16, 2)
	for name, call := range map[string]func(){
		"both transposed":     func() { Gemm(single, brain, brain, true, true, 1, 0) },
		"added to c":          func() { Gemm(single, brain, brain, false, false, 1, 1) },
		"b in float32":        func() { Gemm(brain, brain, single, false, false, 1, 0) },
		"a in float32":        func() { Gemm(brain, single, brain, false, false, 1, 0) },
		"c in float64":        func() { Gemm(double, brain, brain, false, false, 1, 0) },
		"the bias":            func() { Linear(brain, brain, brain, bias) },
		"weights in float32":  func() { Linear(brain, brain, single, nil) },
		"linear into float32": func() { Linear(single, brain, brain, nil) },
		"apart":               func() { LinearApart(single, brain, brain, nil) },
	} {
		optest.Refuses(t, "gemm.", name, call)
	}
}

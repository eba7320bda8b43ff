package join

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// sizes are around the width of a warp and of a block, and some that threads take in fours.
var sizes = []int{0, 1, 31, 33, 256, 257, 65536, 65537}

// TestParity: sums and products of two numbers round once.
func TestParity(t *testing.T) {
	var cases []parity.Case
	for _, n := range sizes {
		cases = append(cases, parity.Case{
			Name: fmt.Sprint("add/", n), Bound: 0x1p-24, Large: n > 1000,
			In:  []parity.Tensor{parity.Floats(1, -1, 1, n).Awkward(), parity.Floats(2, -1, 1, n)},
			Out: []parity.Tensor{parity.Output(kernels.Float32, n)},
			Run: func(out, in []*kernels.Array) { Add(out[0], in[0], in[1]) },
		}, parity.Case{
			Name: fmt.Sprint("scale/", n), Bound: 0x1p-24, Large: n > 1000,
			In:  []parity.Tensor{parity.Floats(1, -1, 1, n).Awkward(), parity.Values(kernels.Float32, []float64{-0.3}, 1)},
			Out: []parity.Tensor{parity.Output(kernels.Float32, n)},
			Run: func(out, in []*kernels.Array) { Scale(out[0], in[0], in[1]) },
		}, parity.Case{
			// The sum adds two roundings of a product that is below 1.
			Name: fmt.Sprint("add scaled/", n), Bound: 0x1p-23, Large: n > 1000,
			In:  []parity.Tensor{parity.Floats(1, -1, 1, n).Awkward()},
			Out: []parity.Tensor{parity.Floats(2, -1, 1, n)},
			Run: func(out, in []*kernels.Array) { AddScaled(out[0], in[0], 0.7) },
		})
	}
	parity.Run(t, append(cases, concatCases()...)...)
}

// TestParityStored: the same in bfloat16; concatenation moves numbers as they are.
func TestParityStored(t *testing.T) {
	var cases []parity.Case
	for _, n := range sizes {
		c := parity.Case{
			Name: fmt.Sprint("add/", n), Bound: 0x1p-24, Large: n > 1000,
			In:  []parity.Tensor{parity.Floats(1, -1, 1, n).Awkward(), parity.Floats(2, -1, 1, n)},
			Out: []parity.Tensor{parity.Output(kernels.Float32, n), parity.Floats(3, -1, 1, n)},
			Run: func(out, in []*kernels.Array) {
				Add(out[0], in[0], in[1])
				AddTo(out[1], in[1])
			},
		}
		cases = append(cases, c.Stored([]int{0, 1}, []int{0, 1}))
	}
	for _, c := range concatCases() {
		in, out := make([]int, len(c.In)), make([]int, len(c.Out))
		for i := range in {
			in[i] = i
		}
		for i := range out {
			out[i] = i
		}
		c = c.Stored(in, out)
		c.Bound = 0
		cases = append(cases, c)
	}
	parity.Run(t, cases...)
}

// TestParityAddDouble: a sum in float64 is the CPU's, bit for bit, and would not be if it went through float32. y may be a.
func TestParityAddDouble(t *testing.T) {
	var cases []parity.Case
	for _, n := range sizes {
		a, b := parity.Floats(1, -1, 1, n).Awkward(), parity.Floats(2, -1e-6, 1e-6, n)
		a.Type, b.Type = kernels.Float64, kernels.Float64
		cases = append(cases, parity.Case{
			Name: fmt.Sprint(n), Large: n > 1000, In: []parity.Tensor{a, b},
			Out: []parity.Tensor{parity.Output(kernels.Float64, n), a},
			Run: func(out, in []*kernels.Array) {
				Add(out[0], in[0], in[1])
				AddTo(out[1], in[1])
			},
		})
	}
	parity.Run(t, cases...)
}

func concatCases() []parity.Case {
	var cases []parity.Case
	for _, w := range [][]int{{1}, {3, 1, 5}, {64, 64}, {33, 7}} {
		total := 0
		for _, c := range w {
			total += c
		}
		var parts, outs []parity.Tensor
		for i, c := range w {
			parts = append(parts, parity.Floats(uint64(i), -1, 1, 3, 5, c).Awkward())
			outs = append(outs, parity.Output(kernels.Float32, 3, 5, c))
		}
		cases = append(cases, parity.Case{
			Name: fmt.Sprint("concat/", w), In: parts, Out: []parity.Tensor{parity.Output(kernels.Float32, 3, 5, total)},
			Run: func(out, in []*kernels.Array) { Concat(out[0], in...) },
		}, parity.Case{
			Name: fmt.Sprint("take/", w), In: []parity.Tensor{parity.Floats(9, -1, 1, 3, 5, total)}, Out: outs,
			Run: func(out, in []*kernels.Array) {
				at := 0
				for _, x := range out {
					Take(x, in[0], at)
					at += last(x)
				}
			},
		})
	}
	return cases
}

package rope

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// TestParity: the tables' error is half a unit in the last place of numbers below 1 and the contract's 1e-6 on a GPU, the rotation's that
// of two products and a sum; elements are below 1, those of a result below 1.5.
func TestParity(t *testing.T) {
	for _, c := range cases {
		x, y := parity.Floats(1, -1, 1, c.shape()...), parity.Output(kernels.Float32, c.shape()...)
		table := parity.Output(kernels.Float32, c.h*c.w, c.half)
		one := parity.Case{
			Name: c.String(), Bound: 2*1e-6 + 5*0x1p-24, In: []parity.Tensor{x}, Out: []parity.Tensor{table, table, y, y},
			Run: func(out, in []*kernels.Array) {
				cos, sin := out[0], out[1]
				Table(cos, sin, c.h, c.w, 100)
				Forward(out[2], in[0], cos, sin, c.heads, c.prefix)
				out[3].CopyFrom(in[0])
				Backward(out[3], out[3], cos, sin, c.heads, c.prefix)
			},
		}
		parity.Run(t, one, one.Stored([]int{0}, []int{2, 3}))
	}
}

package tokens

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

type tensors = []parity.Tensor

type arrays = []*kernels.Array

func output(shape ...int) parity.Tensor { return parity.Output(kernels.Float32, shape...) }

// TestParity: copies are exact, sums of two numbers below 1 round once, and so do sums over images, which are made in float64.
func TestParity(t *testing.T) {
	large := []tokensCase{{5, 197, 1, 192, true, true}, {4099, 1, 1, 4, true, true}}
	for _, c := range append(large, tokensCases...) {
		xs, ps, at, first, ys := c.shapes()
		x, y := parity.Floats(1, -1, 1, xs...).Awkward(), parity.Floats(5, -1, 1, ys...)
		in := tensors{x, parity.Floats(2, -1, 1, ps...), parity.Floats(3, -1, 1, at...), parity.Floats(4, -1, 1, first...)}
		big := c.n*c.t*c.d > 20000
		stored := func(in, out []int, c parity.Case) { parity.Run(t, c, c.Stored(in, out)) }
		stored([]int{0}, []int{0}, parity.Case{
			Name: fmt.Sprint("assemble ", c), Bound: 0x1p-23, Large: big, In: in, Out: tensors{output(ys...)},
			Run: func(out, in arrays) {
				Assemble(out[0], in[0], given(c.p > 0, in[1]), given(c.pos, in[2]), given(c.prefixPos, in[3]))
			},
		})
		stored([]int{0}, []int{0}, parity.Case{
			Name: fmt.Sprint("take ", c), Large: big, In: tensors{y}, Out: tensors{output(xs...)},
			Run: func(out, in arrays) { Take(out[0], in[0], c.p) },
		})
		stored([]int{0}, []int{0, 1}, parity.Case{
			Name: fmt.Sprint("take backward ", c), Bound: 0x1p-23, Large: big, In: tensors{x}, Out: tensors{output(ys...), y},
			Run: func(out, in arrays) {
				TakeBackward(out[0], in[0], c.p, false)
				TakeBackward(out[1], in[0], c.p, true)
			},
		})
		stored([]int{0}, nil, parity.Case{
			Name: fmt.Sprint("sums ", c), Bound: 0x1p-23, Large: big, In: tensors{y}, Out: tensors{output(ps...), output(at...)},
			Run: func(out, in arrays) {
				SumImages(out[0], in[0], 0)
				SumImages(out[1], in[0], c.p)
			},
		})
	}
}

func given(is bool, a *kernels.Array) *kernels.Array {
	if !is {
		return nil
	}
	return a
}

// TestParityUnaligned: views that begin off a multiple of 16 bytes take the path of single floats.
func TestParityUnaligned(t *testing.T) {
	parity.Run(t, parity.Case{
		Name: "one off", Bound: 0x1p-23, In: tensors{parity.Floats(1, -1, 1, 2*3*8+1), parity.Floats(2, -1, 1, 8)},
		Out: tensors{output(2, 4, 8), output(2, 1, 8), output(2, 4, 8)},
		Run: func(out, in arrays) {
			x := in[0].View(1, 2, 3, 8)
			Assemble(out[0], x, in[1].Reshape(1, 8), nil, nil)
			Take(out[1], x, 2)
			TakeBackward(out[2], x, 1, false)
		},
	})
}

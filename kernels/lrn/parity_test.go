package lrn

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

type tensors = []parity.Tensor

type arrays = []*kernels.Array

func floats(seed uint64, bound float64, shape ...int) parity.Tensor {
	return parity.Floats(seed, -bound, bound, shape...)
}

func output(shape ...int) parity.Tensor { return parity.Output(kernels.Float32, shape...) }

// TestParityForward: Size + 1 additions and multiplications make s, whose error the power 3/4 does not enlarge; roots,
// division and product add five.
func TestParityForward(t *testing.T) {
	for _, c := range cases {
		forward := parity.Case{
			Name: c.String(), Large: c.large(), Bound: float64(c.Size+8) * 0x1p-24, In: tensors{floats(1, c.reach, c.shape...).Awkward()},
			Out: tensors{output(c.shape...)},
			Run: func(out, in arrays) { Forward(out[0], in[0], c.Spec) },
		}
		parity.Run(t, forward, forward.Stored([]int{0}, []int{0}))
	}
}

// TestParityBackward: each of the Size terms of a sum has the error of s^(-Beta-1), and is at most as large as dy is here
// (1): x^2 is at most Size/Alpha s.
func TestParityBackward(t *testing.T) {
	for _, c := range cases {
		terms := 2 * c.Beta * float64(c.Size)
		backward := parity.Case{
			Name: c.String(), Large: c.large(), Bound: (1 + terms) * float64(3*c.Size+16) * 0x1p-24,
			In: tensors{floats(1, 1, c.shape...).Awkward(), floats(2, c.reach, c.shape...).Awkward()}, Out: tensors{output(c.shape...)},
			Run: func(out, in arrays) { Backward(out[0], in[0], in[1], c.Spec) },
		}
		parity.Run(t, backward, backward.Stored([]int{0, 1}, []int{0}))
	}
}

// TestParityUnaligned: views that begin off a multiple of 16 bytes take the path of single floats.
func TestParityUnaligned(t *testing.T) {
	c := parity.Case{
		Name: "one off", Bound: 1e-5, In: tensors{floats(1, 3, 2*3*8+1), floats(2, 1, 2*3*8+1)},
		Out: tensors{output(2, 1, 3, 8), output(2, 1, 3, 8)},
		Run: func(out, in arrays) {
			x, dy := in[0].View(1, 2, 1, 3, 8), in[1].View(1, 2, 1, 3, 8)
			Forward(out[0], x, caffe)
			Backward(out[1], dy, x, caffe)
		},
	}
	parity.Run(t, c, c.Stored([]int{0, 1}, []int{0, 1}))
}

func (c lrnCase) large() bool { return c.shape[0]*c.shape[1]*c.shape[2]*c.shape[3] > 20000 }

func (c lrnCase) String() string { return fmt.Sprint(c.shape, c.Spec, c.reach) }

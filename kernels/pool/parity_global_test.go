package pool

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// globalShapes have one pixel, fewer pixels than a block has rows, and more; channels of one block and of two.
var globalShapes = [][4]int{
	{0, 3, 3, 4},
	{2, 3, 3, 0},
	{1, 1, 1, 1},
	{3, 1, 1, 8},
	{2, 16, 16, 1},
	{2, 17, 19, 3},
	{3, 6, 6, 64},
	{2, 9, 7, 132},
	{2, 5, 5, 1028},
	{2, 3, 3, 257},
	{65537, 2, 1, 4},
}

// mapped is a shape of a map and of what it is pooled to.
func mapped(s [4]int) (large bool, small, whole []int) {
	return s[0]*s[1]*s[2]*s[3] > 20000, []int{s[0], s[3]}, s[:]
}

// TestParityGlobal: sums of up to 323 numbers of at most 1.
func TestParityGlobal(t *testing.T) {
	for _, s := range globalShapes {
		large, small, whole := mapped(s)
		forward := parity.Case{
			Name: fmt.Sprint("forward ", s), Large: large, Bound: 323 * 0x1p-24, In: tensors{parity.Floats(1, -1, 1, whole...).Awkward()},
			Out: tensors{parity.Output(kernels.Float32, small...)},
			Run: func(out, in arrays) { Global(out[0], in[0]) },
		}
		backward := parity.Case{
			Name: fmt.Sprint("backward ", s), Large: large, Bound: 0x1p-22, In: tensors{parity.Floats(1, -1, 1, small...).Awkward()},
			Out: tensors{parity.Output(kernels.Float32, whole...), parity.Floats(2, -1, 1, whole...)},
			Run: func(out, in arrays) {
				GlobalBackward(out[0], in[0], false)
				GlobalBackward(out[1], in[0], true)
			},
		}
		parity.Run(t, forward, unrounded(forward, []int{0}, nil), backward, backward.Stored(nil, []int{0, 1}))
	}
}

// TestParityGlobalMax: the choice and its place are exact, ties and NaN included; adding dy rounds once.
func TestParityGlobalMax(t *testing.T) {
	for _, s := range globalShapes {
		large, small, whole := mapped(s)
		ties := parity.Ints(1, 3, whole...) // few different numbers: many ties
		ties.Type = kernels.Float32
		for i, x := range []parity.Tensor{
			ties, parity.Floats(1, -1, 1, whole...).Awkward(), parity.Values(kernels.Float32, []float64{math.NaN()}, whole...),
		} {
			forward := parity.Case{
				Name: fmt.Sprint("forward ", s, i), Large: large, In: tensors{x},
				Out: tensors{parity.Output(kernels.Float32, small...), parity.Output(kernels.Int32, small...)},
				Run: func(out, in arrays) { GlobalMax(out[0], out[1], in[0]) },
			}
			parity.Run(t, forward, unrounded(forward, []int{0}, nil))
		}
		backward := parity.Case{
			Name: fmt.Sprint("backward ", s), Large: large, Bound: 0x1p-23,
			In:  tensors{parity.Floats(1, -1, 1, small...).Awkward(), parity.Ints(3, max(1, s[1]*s[2]), small...)},
			Out: tensors{parity.Output(kernels.Float32, whole...), parity.Floats(2, -1, 1, whole...)},
			Run: func(out, in arrays) {
				GlobalMaxBackward(out[0], in[0], in[1], false)
				GlobalMaxBackward(out[1], in[0], in[1], true)
			},
		}
		parity.Run(t, backward, backward.Stored(nil, []int{0, 1}))
	}
}

// TestParityGeM: the sum of up to 323 powers has the relative error of as many additions, of which the root leaves a part, and powers,
// root and division add some; a gradient has (P-1) times that of y, and x/y is at most the root of 323, 18.
func TestParityGeM(t *testing.T) {
	for _, s := range globalShapes {
		large, small, whole := mapped(s)
		for _, p := range powers {
			forward := parity.Case{
				Name: fmt.Sprint("forward ", s, p), Large: large, Bound: (323 + 16) * 0x1p-24,
				In:  tensors{parity.Floats(1, -1, 3, whole...).Awkward()},
				Out: tensors{parity.Output(kernels.Float32, small...)},
				Run: func(out, in arrays) { GeM(out[0], in[0], p) },
			}
			backward := parity.Case{
				Name: fmt.Sprint("backward ", s, p), Large: large, Bound: 2 * (323 + 16) * 0x1p-24,
				In: tensors{
					parity.Floats(1, -1, 3, whole...).Awkward(), parity.Floats(2, -1, 1, small...).Awkward(),
					parity.Output(kernels.Float32, small...),
				},
				Out: tensors{parity.Output(kernels.Float32, whole...), parity.Floats(3, -1, 1, whole...)},
				Run: func(out, in arrays) {
					GeM(in[2], in[0], p)
					GeMBackward(out[0], in[1], in[0], in[2], p, false)
					GeMBackward(out[1], in[1], in[0], in[2], p, true)
				},
			}
			parity.Run(t, forward, unrounded(forward, []int{0}, nil), backward, backward.Stored([]int{0}, []int{0, 1}))
		}
	}
}

// TestParityGlobalUnaligned: views that begin off a multiple of 16 bytes take the path of single floats.
func TestParityGlobalUnaligned(t *testing.T) {
	c := parity.Case{
		Name: "one off", Bound: 0x1p-20, In: tensors{parity.Floats(1, -1, 1, 2*4*4*8+1)},
		Out: tensors{
			parity.Output(kernels.Float32, 2, 8), parity.Output(kernels.Int32, 2, 8), parity.Output(kernels.Float32, 2, 8),
			parity.Output(kernels.Float32, 2, 4, 4, 8), parity.Output(kernels.Float32, 2, 4, 4, 8),
		},
		Run: func(out, in arrays) {
			x := in[0].View(1, 2, 4, 4, 8)
			GlobalMax(out[0], out[1], x)
			GeM(out[2], x, GeM3)
			GlobalMaxBackward(out[3], out[0], out[1], false)
			GeMBackward(out[4], out[0], x, out[2], GeM3, false)
		},
	}
	parity.Run(t, c, c.Stored([]int{0}, []int{3, 4}))
}

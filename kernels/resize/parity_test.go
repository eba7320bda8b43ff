package resize

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

type tensors = []parity.Tensor

type arrays = []*kernels.Array

func random(seed uint64, shape ...int) parity.Tensor {
	return parity.Floats(seed, -1, 1, shape...).Awkward()
}

func output(shape ...int) parity.Tensor { return parity.Output(kernels.Float32, shape...) }

// TestParityUpsample2: copies are exact, and four numbers of at most 1 are added in three steps.
func TestParityUpsample2(t *testing.T) {
	for _, s := range [][4]int{
		{0, 2, 2, 3},
		{1, 2, 2, 0},
		{1, 1, 1, 1},
		{2, 3, 5, 7},
		{3, 17, 16, 16},
		{2, 4, 4, 64},
		{1, 2, 67, 4},
		{65537, 1, 1, 3},
	} {
		small, large := s[:], []int{s[0], 2 * s[1], 2 * s[2], s[3]}
		big := s[0]*s[1]*s[2]*s[3] > 10000
		parity.Run(t, parity.Case{
			Name: fmt.Sprint("forward ", s), Large: big, In: tensors{random(1, small...)}, Out: tensors{output(large...)},
			Run: func(out, in arrays) { Upsample2(out[0], in[0]) },
		}, parity.Case{
			Name: fmt.Sprint("backward ", s), Large: big, Bound: 6 * 0x1p-24, In: tensors{random(2, large...)},
			Out: tensors{output(small...)},
			Run: func(out, in arrays) { Upsample2Backward(out[0], in[0]) },
		})
	}
}

// bilinearShapes are images, height, width, channels, new height, new width: larger, smaller, the same, single pixels,
// factors that put outputs on pixels and between them.
var bilinearShapes = [][6]int{
	{0, 2, 2, 1, 3, 3},
	{1, 2, 2, 0, 3, 3},
	{2, 3, 3, 1, 0, 2},
	{2, 3, 5, 3, 7, 4},
	{2, 7, 4, 3, 3, 5},
	{1, 1, 1, 5, 3, 2},
	{2, 4, 4, 4, 4, 4},
	{1, 5, 3, 8, 1, 1},
	{1, 9, 15, 4, 3, 5},
	{1, 6, 6, 2, 18, 30},
	{2, 16, 16, 16, 20, 20},
	{1, 20, 20, 12, 16, 16},
	{1, 2, 2, 4, 33, 1},
	{1, 37, 1, 1, 5, 1},
	{65537, 1, 2, 1, 1, 3},
}

// TestParityBilinear: weights are rounded, and a number is three mixtures of numbers of at most 1.
func TestParityBilinear(t *testing.T) {
	for _, s := range bilinearShapes {
		x, y := []int{s[0], s[1], s[2], s[3]}, []int{s[0], s[4], s[5], s[3]}
		large := s[0] > 1000
		parity.Run(t, parity.Case{
			Name: fmt.Sprint("forward ", s), Large: large, Bound: 8 * 0x1p-24, In: tensors{random(1, x...)}, Out: tensors{output(y...)},
			Run: func(out, in arrays) { Bilinear(out[0], in[0]) },
		}, parity.Case{
			// As many numbers as lie around a pixel, of weights that add up to the product of the factors.
			Name: fmt.Sprint("backward ", s), Large: large, Bound: 1e-6, In: tensors{random(2, y...)}, Out: tensors{output(x...)},
			Run: func(out, in arrays) { BilinearBackward(out[0], in[0]) },
		})
	}
}

// TestParityUnaligned: views that begin off a multiple of 16 bytes take the path of single floats.
func TestParityUnaligned(t *testing.T) {
	parity.Run(t, parity.Case{
		Name: "one off", Bound: 8 * 0x1p-24, In: tensors{random(1, 2*3*3*4+1)}, Out: tensors{output(2, 6, 6, 4), output(2, 5, 5, 4)},
		Run: func(out, in arrays) {
			x := in[0].View(1, 2, 3, 3, 4)
			Upsample2(out[0], x)
			Bilinear(out[1], x)
		},
	})
}

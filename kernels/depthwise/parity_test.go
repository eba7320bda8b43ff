package depthwise

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

type tensors = []parity.Tensor

type arrays = []*kernels.Array

// deviceShapes are beyond shapes: the edges of the GPU's strips of 4 outputs and warps of 32 channels, a stride larger than the
// kernel, more than 8 taps in a row, more channels than a block has threads, and more lines than a grid has rows.
var deviceShapes = []shape{
	{1, 3, 4, 32, 3, 3, 1, 1, 1},
	{1, 3, 5, 36, 3, 3, 1, 1, 1},
	{2, 4, 9, 4, 5, 5, 2, 1, 2},
	{2, 9, 9, 8, 2, 2, 3, 0, 0},
	{1, 10, 10, 5, 9, 9, 1, 4, 4},
	{1, 2, 2, 1028, 3, 3, 1, 1, 1},
	{65537, 1, 1, 1, 1, 1, 1, 0, 0},
}

// tensors are x, w, b and dy.
func (s shape) tensors() (x, w, b, dy parity.Tensor) {
	x = parity.Floats(1, -1, 1, s.n, s.h, s.w, s.c)
	w = parity.Floats(2, -1, 1, s.c, s.kh, s.kw, 1)
	b = parity.Floats(3, -1, 1, s.c)
	dy = parity.Floats(4, -1, 1, s.out()...)
	return x, w, b, dy
}

func like(x parity.Tensor) parity.Tensor { return parity.Output(x.Type, x.Shape...) }

// TestParity has the contracts' bounds of the largest element: the excess of sum |w x| over that, the signs of random rounding
// errors make up for.
func TestParity(t *testing.T) {
	for _, s := range append(deviceShapes, shapes...) {
		parity.Run(t, s.cases()...)
	}
}

// cases are both forward passes, and each gradient.
func (s shape) cases() []parity.Case {
	x, w, b, dy := s.tensors()
	large := s.work() > 100_000 || s.n > 10_000
	return []parity.Case{{
		Name: fmt.Sprint("forward/", s), Bound: bound(kernels.Float32, s.kh*s.kw+1), Large: large,
		In: tensors{x, w, b}, Out: tensors{like(dy), like(dy)},
		Run: func(out, in arrays) {
			Forward(out[0], in[0], in[1], in[2], s.spec())
			Forward(out[1], in[0], in[1], nil, s.spec())
		},
	}, {
		// The second gradient is added to the first, which rounds once more.
		Name: fmt.Sprint("data/", s), Bound: bound(kernels.Float32, s.kh*s.kw+1), Large: large,
		In: tensors{dy, w}, Out: tensors{like(x), parity.Floats(5, -1, 1, x.Shape...)},
		Run: func(out, in arrays) {
			BackwardData(out[0], in[0], in[1], s.spec(), false)
			BackwardData(out[1], in[0], in[1], s.spec(), true)
		},
	}, {
		Name: fmt.Sprint("weights/", s), Bound: bound(kernels.Float32, s.lines()*s.out()[2]), Large: large,
		In: tensors{x, dy}, Out: tensors{like(w), like(b)},
		Run: func(out, in arrays) {
			BackwardWeights(out[0], nil, in[0], in[1], s.spec())
			BackwardWeights(nil, out[1], in[0], in[1], s.spec())
		},
	}}
}

// TestParityAwkward has pixels that are not finite: some at the edge, where a weight's tap has no pixel, unless cuDNN computes, which may
// multiply them by zeros of the padding there.
func TestParityAwkward(t *testing.T) { parity.Run(t, awkwardCases()...) }

func awkwardCases() []parity.Case {
	gradients := map[int]float64{4*9*8 + 3: math.NaN(), 11*9*8 + 5: math.Inf(1)}
	if asked() {
		gradients = map[int]float64{(4*9+4)*8 + 3: math.NaN(), (11*9+6)*8 + 5: math.Inf(1)}
	}
	s := shape{2, 9, 9, 8, 3, 3, 1, 1, 1}
	x, w, b, dy := s.tensors()
	return []parity.Case{{
		Name: "forward", Bound: bound(kernels.Float32, 10), In: tensors{x.Awkward(), w, b}, Out: tensors{like(dy)},
		Run: func(out, in arrays) { Forward(out[0], in[0], in[1], in[2], s.spec()) },
	}, {
		Name: "backward", Bound: bound(kernels.Float32, 162),
		In:  tensors{x, w, dy.With(gradients)},
		Out: tensors{like(x), like(w), like(b)},
		Run: func(out, in arrays) {
			BackwardData(out[0], in[2], in[1], s.spec(), false)
			BackwardWeights(out[1], out[2], in[0], in[2], s.spec())
		},
	}}
}

// TestParityUnaligned: views that begin off a multiple of 16 bytes take the path of single floats.
func TestParityUnaligned(t *testing.T) { parity.Run(t, unalignedCase()) }

func unalignedCase() parity.Case {
	s := shape{2, 5, 6, 8, 3, 3, 2, 0, 1}
	_, _, _, dy := s.tensors()
	flat := func(seed uint64, n int) parity.Tensor { return parity.Floats(seed, -1, 1, n) }
	size := s.n * s.out()[1] * s.out()[2] * s.c
	return parity.Case{
		Name: "one off", Bound: bound(kernels.Float32, 36), In: tensors{flat(1, 2*5*6*8+1), flat(2, 8*9+1), flat(3, 9), flat(4, size+1)},
		Out: tensors{like(dy), parity.Output(kernels.Float32, 2, 5, 6, 8), parity.Output(kernels.Float32, 8, 3, 3, 1)},
		Run: func(out, in arrays) {
			x, w, b, dy := in[0].View(1, 2, 5, 6, 8), in[1].View(1, 8, 3, 3, 1), in[2].View(1, 8), in[3].View(1, s.out()...)
			Forward(out[0], x, w, b, s.spec())
			BackwardData(out[1], dy, w, s.spec(), false)
			BackwardWeights(out[2], nil, x, dy, s.spec())
		},
	}
}

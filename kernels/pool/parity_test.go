package pool

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

type tensors = []parity.Tensor

type arrays = []*kernels.Array

// parityShapes add to shapes channels that move as packs of four, an axis of more than 65,535 rows, and windows that end
// inside a map.
var parityShapes = append([]shape{
	{2, 5, 9, 4, Spec{3, 2, 1, true}},
	{3, 8, 8, 64, Spec{2, 2, 0, false}},
	{2, 7, 5, 132, Spec{3, 2, 0, true}},
	{1, 6, 6, 8, Spec{5, 3, 2, false}},
	{2, 3, 3, 4, Spec{4, 2, 0, false}},
	{1, 15, 15, 4, Spec{15, 1, 7, true}},
	{65537, 2, 1, 3, Spec{2, 2, 1, true}},
}, shapes...)

func (s shape) out() []int { return []int{s.n, s.OutSize(s.h), s.OutSize(s.w), s.c} }

func (s shape) in() []int { return []int{s.n, s.h, s.w, s.c} }

func (s shape) large() bool { return s.n*s.h*s.w*s.c > 20000 }

// unrounded is the case in bfloat16 of an op that rounds nothing to it: it only chooses, or has results of float32.
func unrounded(c parity.Case, in, out []int) parity.Case {
	bound := c.Bound
	c = c.Stored(in, out)
	c.Bound = bound
	return c
}

// TestParityMax: the choice and its place are exact, ties and NaN included; a gradient adds up as many numbers as windows
// overlap in a pixel, of which each is at most 1.
func TestParityMax(t *testing.T) {
	for _, s := range parityShapes {
		x := parity.Ints(1, 5, s.in()...) // few different numbers: many ties
		x.Type = kernels.Float32
		for i, x := range []parity.Tensor{x, parity.Floats(1, -1, 1, s.in()...).Awkward()} {
			forward := parity.Case{
				Name: fmt.Sprint("forward ", s, i), Large: s.large(), In: tensors{x},
				Out: tensors{parity.Output(kernels.Float32, s.out()...), parity.Output(kernels.Uint8, s.out()...)},
				Run: func(out, in arrays) { Max(out[0], out[1], in[0], s.Spec) },
			}
			backward := parity.Case{
				Name: fmt.Sprint("backward ", s, i), Large: s.large(), Bound: 64 * 0x1p-24,
				Out: tensors{parity.Output(kernels.Float32, s.in()...)},
				In: tensors{
					x, parity.Floats(2, -1, 1, s.out()...), parity.Output(kernels.Float32, s.out()...),
					parity.Output(kernels.Uint8, s.out()...),
				},
				Run: func(out, in arrays) {
					Max(in[2], in[3], in[0], s.Spec)
					MaxBackward(out[0], in[1], in[3], s.Spec)
				},
			}
			parity.Run(t, forward, unrounded(forward, []int{0}, []int{0}), backward, backward.Stored([]int{0, 1, 2}, []int{0}))
		}
	}
}

// TestParityAverage: Kernel^2 additions, at most 225, of numbers up to 1; a gradient has as many.
func TestParityAverage(t *testing.T) {
	for _, s := range parityShapes {
		forward := parity.Case{
			Name: fmt.Sprint("forward ", s), Large: s.large(), Bound: 225 * 0x1p-24,
			In:  tensors{parity.Floats(1, -1, 1, s.in()...).Awkward()},
			Out: tensors{parity.Output(kernels.Float32, s.out()...)},
			Run: func(out, in arrays) { Average(out[0], in[0], s.Spec) },
		}
		backward := parity.Case{
			Name: fmt.Sprint("backward ", s), Large: s.large(), Bound: 225 * 0x1p-24,
			In:  tensors{parity.Floats(1, -1, 1, s.out()...).Awkward()},
			Out: tensors{parity.Output(kernels.Float32, s.in()...)},
			Run: func(out, in arrays) { AverageBackward(out[0], in[0], s.Spec) },
		}
		parity.Run(t, forward, forward.Stored([]int{0}, []int{0}), backward, backward.Stored([]int{0}, []int{0}))
	}
}

// TestParityUnaligned: views that begin off a multiple of 16 bytes take the path of single floats.
func TestParityUnaligned(t *testing.T) {
	s := Spec{2, 2, 0, false}
	c := parity.Case{
		Name: "one off", Bound: 0x1p-22, In: tensors{parity.Floats(1, -1, 1, 2*4*4*8+1)},
		Out: tensors{
			parity.Output(kernels.Float32, 2, 2, 2, 8), parity.Output(kernels.Uint8, 2, 2, 2, 8),
			parity.Output(kernels.Float32, 2, 8), parity.Output(kernels.Float32, 2, 2, 2, 8),
		},
		Run: func(out, in arrays) {
			x := in[0].View(1, 2, 4, 4, 8)
			Max(out[0], out[1], x, s)
			Global(out[2], x)
			Average(out[3], x, s)
		},
	}
	parity.Run(t, c, c.Stored([]int{0}, []int{0, 3}))
}

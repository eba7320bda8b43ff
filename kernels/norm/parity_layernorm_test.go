package norm

import (
	"fmt"
	"testing"

	"udml-gpu/kernels/parity"
)

// parityLayerShapes are rows and features: nothing, one, widths around a warp and a warp of packs, chunks of the sums over rows, more
// rows than the grid has warps.
var parityLayerShapes = [][2]int{
	{0, 4},
	{1, 3},
	{5, 31},
	{9, 32},
	{7, 33},
	{63, 127},
	{65, 128},
	{129, 64},
	{3, 132},
	{33, 384},
	{2, 1537},
	{2, 4096},
	{2049, 3},
	{32771, 4},
}

// TestParityLayerNorm: x of deviation 1.4 around offset. The mean is off by half a unit, which is offset/1.4 2^-24 of y; the rest is
// a sum of some dozens of numbers in a part, and five roundings of numbers up to 4.
func TestParityLayerNorm(t *testing.T) {
	for _, s := range parityLayerShapes {
		for _, offset := range []float64{0, 30} {
			rows, c := s[0], s[1]
			if c < 31 && offset > 0 {
				continue // few features may lie close together
			}
			in := tensors{
				floats(1, offset-2, offset+3, rows, c), floats(2, -1, 2, c), floats(3, -1, 1, c), floats(4, -1, 1, rows, c),
			}
			bound := 2e-6 + 4*offset*0x1p-24
			if c < 31 {
				bound *= 100
			}
			inBothTypes(t, []int{0}, []int{0}, parity.Case{
				Name: fmt.Sprint("forward ", s, offset), Bound: bound, Large: rows*c > 20000, In: in,
				Out: tensors{output(rows, c), output(rows), output(rows)},
				Run: func(out, in arrays) { LayerNorm(out[0], out[1], out[2], in[0], in[1], in[2], eps) },
			})
			if rows > 10000 {
				continue
			}
			parity.Run(t, parity.Case{
				Name: fmt.Sprint("in place ", s, offset), Bound: bound, Large: rows*c > 20000, In: append(tensors{output(rows)}, in[1:]...),
				Out: tensors{in[0], output(rows)},
				Run: func(out, in arrays) { LayerNorm(out[0], in[0], out[1], out[0], in[1], in[2], eps) },
			})
		}
	}
}

// TestParityLayerNormBackward: as the forward pass; the inverse deviation of few features close together is large, and dx with it.
func TestParityLayerNormBackward(t *testing.T) {
	for _, s := range parityLayerShapes {
		rows, c := s[0], s[1]
		in := tensors{
			floats(1, -2, 3, rows, c), floats(2, -1, 2, c), floats(3, -1, 1, c), floats(4, -1, 1, rows, c),
			output(rows, c), output(rows), output(rows),
		}
		bound := 2e-6
		if c < 31 {
			bound *= 100
		}
		inBothTypes(t, []int{0, 3, 4}, []int{0}, parity.Case{
			Name: fmt.Sprint(s), Bound: bound, Large: rows*c > 20000, In: in,
			Out: tensors{output(rows, c), output(c), output(c)},
			Run: func(out, in arrays) {
				LayerNorm(in[4], in[5], in[6], in[0], in[1], in[2], eps)
				LayerNormBackward(nil, out[1], nil, in[3], in[0], in[1], in[5], in[6])
				LayerNormBackward(out[0], nil, out[2], in[3], in[0], in[1], in[5], in[6])
			},
		})
		if rows > 10000 {
			continue
		}
		parity.Run(t, parity.Case{
			Name: fmt.Sprint("in place ", s), Bound: bound, Large: rows*c > 20000, In: in,
			Out: tensors{in[3], output(c)},
			Run: func(out, in arrays) {
				LayerNorm(in[4], in[5], in[6], in[0], in[1], in[2], eps)
				LayerNormBackward(out[0], out[1], nil, out[0], in[0], in[1], in[5], in[6])
			},
		})
	}
}

// TestParityLayerNormUnaligned: views that begin off a multiple of 16 bytes take the path of single floats.
func TestParityLayerNormUnaligned(t *testing.T) {
	const rows, c = 5, 64
	parity.Run(t, parity.Case{
		Name: "one off", Bound: 2e-6,
		In:  tensors{floats(1, -2, 3, rows*c+1), floats(2, -1, 2, c), floats(3, -1, 1, c), floats(4, -1, 1, rows*c+1)},
		Out: tensors{output(rows, c), output(rows, c), output(rows), output(rows), output(c), output(c)},
		Run: func(out, in arrays) {
			x, dy := in[0].View(1, rows, c), in[3].View(1, rows, c)
			LayerNorm(out[0], out[2], out[3], x, in[1], in[2], eps)
			LayerNormBackward(out[1], out[4], out[5], dy, x, in[1], out[2], out[3])
		},
	})
}

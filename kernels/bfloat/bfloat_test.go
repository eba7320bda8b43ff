package bfloat_test

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
	"udml-gpu/kernels/parity"
)

// TestRound: values by hand: ties go to the even neighbour, the largest float32 to infinity, signs and zeros stay.
func TestRound(t *testing.T) {
	inf, dev := float32(math.Inf(1)), kernels.CPU()
	for _, c := range []struct{ v, want float32 }{
		{0, 0},
		{1, 1},
		{-1, -1},
		{inf, inf},
		{-inf, -inf},
		{math.MaxFloat32, inf},
		{0x1.fep127, 0x1.fep127},
		{0x1.fe8p127, 0x1.fep127},
		{1 + 0x1p-8, 1},
		{1 + 0x1p-8 + 0x1p-23, 1 + 0x1p-7},
		{1 + 3*0x1p-8, 1 + 0x1p-6},
		{-1 - 3*0x1p-8, -1 - 0x1p-6},
		{math.SmallestNonzeroFloat32, 0},
		{0x1p-133, 0x1p-133},
		{0x1p-134, 0},
		{3 * 0x1p-134, 0x1p-132},
	} {
		x, y := kernels.Of(dev, []float32{c.v}, 1), kernels.Of(dev, make([]uint8, 2), 2)
		bfloat.Pack(y, x)
		bfloat.Round(x)
		if got := kernels.Data[float32](x)[0]; got != c.want {
			t.Errorf("%g becomes %g, want %g", c.v, got, c.want)
		}
		kernels.Data[float32](x)[0] = 5
		if bfloat.Unpack(x, y); kernels.Data[float32](x)[0] != c.want {
			t.Errorf("%g is packed as %g, want %g", c.v, kernels.Data[float32](x)[0], c.want)
		}
	}
	nan := math.Float32frombits(0x7f800001) // whose upper half alone would be infinity
	x := kernels.Of(dev, []float32{nan}, 1)
	if bfloat.Round(x); !math.IsNaN(float64(kernels.Data[float32](x)[0])) {
		t.Error("a NaN becomes a number")
	}
}

// TestParity: GPU and CPU round, pack and unpack to the same bits. There is nothing to compute in float64.
func TestParity(t *testing.T) {
	var cases []parity.Case
	for _, n := range []int{0, 1, 33, 257, 65537} {
		x := parity.Floats(1, -1, 1, n).Awkward()
		cases = append(cases, parity.Case{
			Name: fmt.Sprint(n), Large: n > 1000, In: []parity.Tensor{x},
			Out: []parity.Tensor{x, parity.Output(kernels.Uint8, 2*n), parity.Output(kernels.Float32, n)},
			Run: func(out, in []*kernels.Array) {
				if in[0].DType() == kernels.Float32 {
					bfloat.Round(out[0])
					bfloat.Pack(out[1], in[0])
					bfloat.Unpack(out[2], out[1])
				}
			},
			Check: func(t testing.TB, in, _, got []*kernels.Array) {
				rounded, unpacked := parity.Numbers(got[0]), parity.Numbers(got[2])
				for i, v := range parity.Numbers(in[0]) {
					want := bfloat.Float(bfloat.Of(float32(v)))
					for _, g := range []float64{rounded[i], unpacked[i]} {
						if math.Float32bits(float32(g)) != math.Float32bits(want) && !(math.IsNaN(v) && math.IsNaN(g)) {
							t.Fatalf("element %d, %g, becomes %g, want %g", i, v, g, want)
						}
					}
				}
			},
		})
	}
	parity.Run(t, cases...)
}

// TestParityAll: arrays of one list, of lengths that threads move in fours and that they do not, are packed as each alone.
func TestParityAll(t *testing.T) {
	var cases []parity.Case
	for _, lengths := range [][]int{{1}, {8, 4, 1024}, {8, 0, 5}, {65540, 300}} {
		c := parity.Case{Name: fmt.Sprint(lengths), Large: lengths[0] > 1000}
		for i, n := range lengths {
			c.In = append(c.In, parity.Floats(uint64(i), -1, 1, n).Awkward())
			c.Out = append(c.Out, parity.Output(kernels.BFloat16, n))
		}
		c.Run = func(out, in []*kernels.Array) {
			if in[0].DType() == kernels.Float32 {
				bfloat.PackAll(out, in)
			}
		}
		c.Check = func(t testing.TB, in, _, got []*kernels.Array) {
			for i, x := range in {
				want := x.Device().New(kernels.BFloat16, x.Len())
				bfloat.Pack(want, x)
				parity.Near(t, i, got[i], want, 0)
			}
		}
		cases = append(cases, c)
	}
	parity.Run(t, cases...)
}

package norm

import (
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// inBothTypes runs a case in float32, and with its maps, which are those of its inputs and outputs, in bfloat16. What is float32 keeps its
// bound there: an op reads the same numbers in both, which are bfloat16 in the reference too.
func inBothTypes(t *testing.T, in, out []int, c parity.Case) {
	t.Helper()
	if c.Check == nil {
		c.Check = func(t testing.TB, _, want, got []*kernels.Array) {
			for i := range want {
				near(t, i, got[i], want[i], c.Bound)
			}
		}
	}
	parity.Run(t, c, c.Stored(in, out))
}

// near is parity.Near, beyond which an element of bfloat16 may be off by its own rounding: small ones too have all their digits.
func near(t testing.TB, i int, got, want *kernels.Array, bound float64) {
	t.Helper()
	if got.DType() != kernels.BFloat16 {
		parity.Near(t, i, got, want, bound)
		return
	}
	w, g, scale := parity.Numbers(want), parity.Numbers(got), 1.0
	for _, v := range w {
		if a := math.Abs(v); a > scale && !math.IsInf(a, 0) {
			scale = a
		}
	}
	for j, v := range w {
		off := bound * scale
		off += parity.StoredBound * (math.Abs(v) + off)
		same := g[j] == v || math.IsNaN(g[j]) && math.IsNaN(v)
		if !same && (math.IsInf(v, 0) || !(math.Abs(g[j]-v) <= off)) {
			t.Fatalf("output %d, %v: element %d is %.9g, want %.9g up to %.2g", i, got, j, g[j], v, off)
		}
	}
}

// TestStoredIsRounded: statistics and gradients of parameters have the bits that the same maps give in float32, since sums go the same way,
// and maps, dy after it is gated among them, are those of float32, rounded.
func TestStoredIsRounded(t *testing.T) {
	for _, c := range parityCases {
		ch := c.shape[len(c.shape)-1]
		one := tensors{
			output(c.shape...), output(c.shape...), floats(4, -1, 1, c.shape...), output(ch), output(ch), output(ch), output(ch),
		}
		parity.Run(t, parity.Case{
			Name: c.String(), Large: c.large(), In: c.inputs(), Out: append(one, one...),
			Run: func(out, in arrays) {
				if in[0].DType() != kernels.BFloat16 {
					return
				}
				both := func(y, dx, dy, x *kernels.Array, out arrays) {
					s := Stats{out[0], out[1]}
					BatchNorm(y, x, in[1], in[2], weightOf(in), s, eps, true)
					BatchNormBackward(dx, out[2], out[3], dy, x, in[1], in[2], weightOf(in), s)
				}
				var wide arrays
				for _, from := range append(out[:3:3], in[0]) {
					w := from.Device().Scratch(kernels.Float32, c.shape...)
					defer w.Free()
					bfloat.Unpack(w, from)
					wide = append(wide, w)
				}
				both(out[0], out[1], out[2], in[0], out[3:])
				both(wide[0], wide[1], wide[2], wide[3], out[10:])
				for i := range 3 {
					bfloat.Pack(out[7+i], wide[i])
				}
			},
			Check: func(t testing.TB, _, _, got arrays) {
				for i := range 7 {
					sameBytes(t, i, got[i], got[7+i])
				}
			},
		}.Stored([]int{0}, []int{0, 1, 2, 7, 8, 9}))
	}
}

// TestStoredRefuses: all maps of a call are of one type, and nothing else is bfloat16.
func TestStoredRefuses(t *testing.T) {
	dev, f32, b16 := kernels.CPU(), kernels.Float32, kernels.BFloat16
	x, single, v, s := dev.New(b16, 4, 3), dev.New(f32, 4, 3), dev.New(f32, 3), Stats{dev.New(f32, 3), dev.New(f32, 3)}
	brain, sums := dev.New(b16, 3), dev.New(kernels.Float64, 2, 3)
	for name, call := range map[string]func(){
		"y in float32":         func() { BatchNorm(single, x, v, v, nil, s, eps, false) },
		"gamma in bfloat16":    func() { BatchNorm(x, x, brain, v, nil, s, eps, false) },
		"the mean in bfloat16": func() { BatchNormApply(x, x, v, v, Stats{brain, v}, false) },
		"dx in float32":        func() { BatchNormInput(single, x, x, v, nil, nil, s, sums, nil, 4) },
		"dgamma in bfloat16":   func() { BatchNormBackward(x, brain, v, x, x, v, nil, nil, s) },
		"one part in float32":  func() { BatchNormJoined(Whole(single), Whole(x), v, v, s, eps, false) },
	} {
		optest.Refuses(t, "norm.", name, call)
	}
}

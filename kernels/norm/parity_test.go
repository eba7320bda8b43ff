package norm

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

type tensors = []parity.Tensor

type arrays = []*kernels.Array

func floats(seed uint64, lo, hi float64, shape ...int) parity.Tensor {
	return parity.Floats(seed, lo, hi, shape...)
}

func output(shape ...int) parity.Tensor { return parity.Output(kernels.Float32, shape...) }

// parityCases are rows around a chunk of the kernels (128 rows of 64 channels, 64 of 1028, 2048 of one), channels that
// make packs of four or do not, that need more than one block, and weights that are counts, fractions and nothing.
var parityCases = []bnCase{
	{shape: []int{0, 3}},
	{shape: []int{0, 2, 2, 4}, relu: true},
	{shape: []int{1, 3}},
	{shape: []int{2, 1}},
	{shape: []int{5, 7}, relu: true},
	{shape: []int{127, 64}},
	{shape: []int{128, 64}, relu: true},
	{shape: []int{129, 64}, offset: 1000},
	{shape: []int{2047, 1}},
	{shape: []int{2049, 1}, relu: true},
	{shape: []int{63, 1028}},
	{shape: []int{65, 1028}, relu: true},
	{shape: []int{11, 130}},
	{shape: []int{13, 299}, relu: true},
	{shape: []int{9, 2048}},
	{shape: []int{3, 17, 19, 6}, offset: -300},
	{shape: []int{2, 40, 40, 33}, offset: -30, relu: true},
	{shape: []int{4, 24, 24, 96}, relu: true},
	{shape: []int{65537, 3}},
	{shape: []int{4, 3}, weight: []float64{2, 0, 1, 5}},
	{shape: []int{3, 2, 2, 4}, weight: []float64{0, 4, 1}, relu: true},
	{shape: []int{3, 20, 20, 3}, weight: []float64{6, 0, 2}, offset: 50},
	{shape: []int{4, 12, 12, 64}, weight: []float64{0, 0.3, 2.5, 1}, relu: true},
	{shape: []int{3, 5, 4}, weight: []float64{0, 0, 0}},
	{shape: []int{1031, 8}, weight: []float64{1, 0, 3}},
}

func (c bnCase) elements() int {
	n := 1
	for _, s := range c.shape {
		n *= s
	}
	return n
}

func (c bnCase) large() bool { return c.elements() > 20000 }

// inputs are x, gamma, beta and the weights.
func (c bnCase) inputs() tensors {
	ch := c.shape[len(c.shape)-1]
	in := tensors{floats(1, c.offset-2, c.offset+3, c.shape...), floats(2, -1, 2, ch), floats(3, -1, 1, ch)}
	if c.weight != nil {
		in = append(in, parity.Values(kernels.Float32, c.weight, c.shape[0]))
	}
	return in
}

// weightOf is the weights among the inputs, or nil.
func weightOf(in arrays) *kernels.Array {
	if len(in) > 3 {
		return in[3]
	}
	return nil
}

// TestParityForward: the mean is rounded to float32, and y with it: by |mean|/deviation times half a unit. The variance
// is right to about 1e-6.
func TestParityForward(t *testing.T) {
	for _, c := range parityCases {
		ch := c.shape[len(c.shape)-1]
		inBothTypes(t, []int{0}, []int{2}, parity.Case{
			Name: fmt.Sprint("statistics ", c), Bound: 1e-6, Large: c.large(), In: c.inputs(),
			Out: tensors{output(ch), output(ch), output(c.shape...)},
			Run: func(out, in arrays) {
				BatchNorm(out[2], in[0], in[1], in[2], weightOf(in), Stats{out[0], out[1]}, eps, c.relu)
			},
			Check: func(t testing.TB, _, want, got []*kernels.Array) {
				near(t, 0, got[0], want[0], 1e-6)
				near(t, 1, got[1], want[1], 1e-6)
				near(t, 2, got[2], want[2], 1e-6*(1+math.Abs(c.offset)/4))
			},
		})
		inBothTypes(t, nil, []int{0}, parity.Case{
			Name: fmt.Sprint("in place ", c), Bound: 1e-6 * (1 + math.Abs(c.offset)/4), Large: c.large(),
			In:  append(tensors{output(ch)}, c.inputs()[1:]...),
			Out: tensors{c.inputs()[0], output(ch)},
			Run: func(out, in arrays) {
				BatchNorm(out[0], out[0], in[1], in[2], weightOf(in), Stats{in[0], out[1]}, eps, c.relu)
			},
		})
	}
}

// TestParityBackward: sums and dx lose to the rounding of the mean as y does. Where ReLU let x through depends on the sign
// of y alone: no y of these inputs is so near 0 that rounding decides. dx of a single row is rounding alone, and left out.
func TestParityBackward(t *testing.T) {
	for _, c := range parityCases {
		ch := c.shape[len(c.shape)-1]
		if c.shape[0] == 1 {
			continue
		}
		for _, inPlace := range []bool{false, true} {
			dy := floats(4, -1, 1, c.shape...)
			dx := output(c.shape...)
			if inPlace {
				dx = dy
			}
			n := len(c.inputs())
			inBothTypes(t, []int{0, n, n + 1}, []int{0}, parity.Case{
				Name: fmt.Sprint(c, inPlace), Bound: 1e-6 * (1 + math.Abs(c.offset)/4), Large: c.large(),
				In:  append(c.inputs(), dy, output(c.shape...), output(ch), output(ch)),
				Out: tensors{dx, output(ch), output(ch)},
				Run: func(out, in arrays) {
					s, gate := Stats{in[n+2], in[n+3]}, (*kernels.Array)(nil)
					BatchNorm(in[n+1], in[0], in[1], in[2], weightOf(in[:n]), s, eps, c.relu)
					if c.relu {
						gate = in[2]
					}
					dy := in[n]
					if inPlace {
						dy = out[0]
					}
					BatchNormBackward(nil, out[1], nil, dy, in[0], in[1], gate, weightOf(in[:n]), s)
					BatchNormBackward(out[0], nil, out[2], dy, in[0], in[1], gate, weightOf(in[:n]), s)
				},
			})
		}
	}
}

// TestParityUnaligned: views that begin off a multiple of 16 bytes take the path of single floats.
func TestParityUnaligned(t *testing.T) {
	const rows, ch = 37, 8
	inBothTypes(t, []int{0, 3}, []int{0, 1}, parity.Case{
		Name: "one off", Bound: 1e-6, In: tensors{
			floats(1, -2, 3, rows*ch+1), floats(2, -1, 2, ch), floats(3, -1, 1, ch),
			floats(4, -1, 1, rows*ch+1),
		},
		Out: tensors{floats(5, 0, 1, rows*ch+1), floats(6, 0, 1, rows*ch+1), output(ch), output(ch)},
		Run: func(out, in arrays) {
			view := func(a *kernels.Array) *kernels.Array { return a.View(1, rows, ch) }
			s := Stats{out[2], out[3]}
			BatchNorm(view(out[0]), view(in[0]), in[1], in[2], nil, s, eps, true)
			BatchNormBackward(view(out[1]), nil, nil, view(in[3]), view(in[0]), in[1], in[2], nil, s)
		},
	})
}

// TestParityDamaged: a NaN spoils its channel, an infinity too (as NaN or infinity, by the order of the sums); what an image
// of weight 0 holds spoils nothing but its own rows.
func TestParityDamaged(t *testing.T) {
	damage := map[int]float64{4: math.NaN(), 9: math.Inf(1), 30: math.NaN(), 47: math.Inf(-1)}
	for _, c := range []bnCase{
		{shape: []int{40, 4}},
		{shape: []int{3, 4, 4}, weight: []float64{0, 1, 2}, relu: true},
		{shape: []int{65, 5}, relu: true},
	} {
		in := c.inputs()
		in[0] = in[0].With(damage)
		ch := c.shape[len(c.shape)-1]
		inBothTypes(t, []int{0}, []int{0}, parity.Case{
			Name: c.String(), In: in, Out: tensors{output(c.shape...), output(ch), output(ch)},
			Run: func(out, in arrays) {
				BatchNorm(out[0], in[0], in[1], in[2], weightOf(in), Stats{out[1], out[2]}, eps, c.relu)
			},
			Check: func(t testing.TB, _, want, got []*kernels.Array) {
				for i := range want {
					nearWhereFinite(t, i, got[i], want[i])
				}
			},
		})
	}
}

// nearWhereFinite compares finite numbers, and asks of the others only that they are not finite either.
func nearWhereFinite(t testing.TB, i int, got, want *kernels.Array) {
	t.Helper()
	g := parity.Numbers(got)
	for j, w := range parity.Numbers(want) {
		finite, off := !math.IsNaN(w) && !math.IsInf(w, 0), 2e-6*max(1, math.Abs(w))
		if got.DType() == kernels.BFloat16 {
			off += parity.StoredBound * (math.Abs(w) + off)
		}
		if near := math.Abs(g[j]-w) <= off; near != finite {
			t.Errorf("output %d, element %d is %g, want %g", i, j, g[j], w)
		}
	}
}

// TestParityEval: a scale of three roundings, and an affine map.
func TestParityEval(t *testing.T) {
	for _, c := range parityCases {
		if c.weight != nil {
			continue
		}
		ch := c.shape[len(c.shape)-1]
		inBothTypes(t, []int{0}, []int{0}, parity.Case{
			Name: c.String(), Bound: 5e-7, Large: c.large(),
			In:  append(c.inputs(), floats(5, c.offset-1, c.offset+1, ch), floats(6, 0.01, 2, ch)),
			Out: tensors{output(c.shape...)},
			Run: func(out, in arrays) { BatchNormEval(out[0], in[0], in[1], in[2], in[3], in[4], eps, c.relu) },
		})
	}
}

package loss

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// tripletsLoop is the definition, with a triplet as three rows and its weight as a number.
func tripletsLoop(f *kernels.Array, weights []int32, margin float64) float64 {
	rows, d, sum, n := len(weights), f.Dim(1), 0.0, 0
	square := func(i, j int) (s float64) {
		for k := range d {
			s += math.Pow(optest.Get(f, i*d+k)-optest.Get(f, j*d+k), 2)
		}
		return s
	}
	for i := range rows {
		if i%2 == 1 { // the negatives of the row before
			for _, negative := range []int{i, rows + i} {
				h := margin + square(i-1, rows+i-1) - square(i-1, negative)
				sum += float64(weights[i-1]) / (1 << 24) * max(0, h)
				n++
			}
		}
	}
	return sum / float64(max(1, n))
}

// tripletCase is one of Triplets.
type tripletCase struct {
	rows, d int
	margin  float64
}

var tripletCases = []tripletCase{
	{0, 3, 0.5},
	{1, 3, 0.5}, // no group
	{2, 1, 0.5},
	{2, 0, 0.5},
	{3, 5, 0.2}, // the last row has no negatives
	{8, 4, 0},
	{7, 128, 0.5},
	{64, 129, 0.5}, // more numbers than a block has threads
	{42, 300, 1},
}

func (c tripletCase) String() string { return fmt.Sprintf("%dx%d/margin %g", c.rows, c.d, c.margin) }

// weights are of all sizes up to 100, a weight of 0 among them.
func (c tripletCase) weights() []int32 {
	w := make([]int32, c.rows)
	for i := range w {
		w[i] = int32(i / 2 % 5 * (1 << (10 + i%16)))
		if i%6 == 0 {
			w[i] = 100 << 24
		}
	}
	return w
}

func TestTriplets(t *testing.T) {
	dev := kernels.CPU()
	for _, c := range tripletCases {
		w := kernels.Of(dev, c.weights(), c.rows)
		for _, dt := range types {
			f := optest.Uniform(dev, dt, 1, -0.5, 0.5, 2*c.rows, c.d)
			loss, df := optest.Poisoned(dev, dt, 1), optest.Poisoned(dev, dt, 2*c.rows, c.d)
			Triplets(loss, df, f, w, c.margin)
			// Rounding of float64 sums of some hundred squares times weights up to 100, and one rounding to the type.
			bound := map[kernels.DType]float64{kernels.Float32: 1e-4, kernels.Float64: 1e-11}[dt]
			optest.Near(t, fmt.Sprint(dt, " ", c), loss, kernels.Of(dev, []float64{tripletsLoop(f, c.weights(), c.margin)}, 1), bound)
			exact := optest.As(f, kernels.Float64)
			l64, d64 := optest.Poisoned(dev, kernels.Float64, 1), optest.Poisoned(dev, kernels.Float64, 2*c.rows, c.d)
			Triplets(l64, d64, exact, w, c.margin)
			optest.Near(t, fmt.Sprint(dt, " ", c), df, d64, bound)
			if c.d < 100 {
				f := func() float64 { Triplets(l64, nil, exact, w, c.margin); return optest.Get(l64, 0) }
				optest.Gradient(t, c.String(), d64, exact, 1e-6, 1e-5, f)
			}
		}
	}
}

// TestTripletsOfKnownRows: an anchor at 0, its positive at distance 1, negatives at 2, which is far enough, and at 1.
func TestTripletsOfKnownRows(t *testing.T) {
	dev := kernels.CPU()
	f := kernels.Of(dev, []float64{0, 0, 2, 0, 1, 0, 0, 1}, 4, 2) // a, n, p, n'
	loss, df := optest.Poisoned(dev, kernels.Float64, 1), optest.Poisoned(dev, kernels.Float64, 4, 2)
	Triplets(loss, df, f, kernels.Of(dev, []int32{1 << 23, 7}, 2), 0.5)
	optest.Near(t, "loss", loss, kernels.Of(dev, []float64{0.5 * 0.5 / 2}, 1), 0)
	optest.Near(t, "gradient", df, kernels.Of(dev, []float64{-0.5, 0.5, 0, 0, 0.5, 0, 0, -0.5}, 4, 2), 0)
}

// TestTripletsShowWhatIsNotFinite: in any row of a group, unless it has no weight or is the row without negatives.
func TestTripletsShowWhatIsNotFinite(t *testing.T) {
	dev := kernels.CPU()
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for row := range 10 {
			f := optest.Uniform(dev, kernels.Float32, 1, -0.5, 0.5, 10, 3)
			optest.Set(f, 3*row+1, bad)
			loss, df := optest.Poisoned(dev, kernels.Float32, 1), optest.Poisoned(dev, kernels.Float32, 10, 3)
			Triplets(loss, df, f, kernels.Of(dev, []int32{1 << 24, 1, 0, 1, 1}, 5), 9) // a margin behind which all count
			l := optest.Get(loss, 0)
			if finite := l-l == 0; finite != (row%5 >= 2) {
				t.Errorf("loss %g with %g in row %d", l, bad, row)
			}
		}
	}
}

// TestParityTriplets: the op is float64 inside, and its outputs round once, or twice where both negatives add to a row.
func TestParityTriplets(t *testing.T) {
	var cases []parity.Case
	for _, c := range tripletCases {
		for _, awkward := range []bool{false, true} {
			f, w := parity.Floats(1, -0.5, 0.5, 2*c.rows, c.d), c.weights()
			if awkward {
				f = f.Awkward()
			}
			weights := parity.Tensor{Type: kernels.Int32, Shape: []int{c.rows}, At: func(i int) float64 { return float64(w[i]) }}
			cases = append(cases, parity.Case{
				Name: fmt.Sprint(c, " awkward ", awkward), Large: c.rows*c.d > 1e4, In: []parity.Tensor{f, weights},
				Out: []parity.Tensor{
					parity.Output(kernels.Float32, 1), parity.Output(kernels.Float32, 2*c.rows, c.d), parity.Output(kernels.Float32, 1),
				},
				Check: within(1.5e-7, 2e-7, 1.5e-7),
				Run: func(out, in []*kernels.Array) {
					Triplets(out[0], out[1], in[0], in[1], c.margin)
					Triplets(out[2], nil, in[0], in[1], c.margin)
				},
			})
		}
	}
	parity.Run(t, cases...)
}

package record

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// shape is a step: images (a row for each view), width of the embedding, clusters, slots, scalars.
type shape struct{ images, d, k, slots, scalars, views int }

var shapes = []shape{
	{0, 3, 2, 2, 1, 2},
	{1, 1, 1, 1, 0, 2},
	{3, 5, 2, 2, 8, 2},
	{5, 7, 3, 2, 1, 1},
	{5, 7, 3, 2, 1, 3},
	{7, 31, 33, 7, 3, 2},
	{64, 128, 32, 32, 5, 2},
	{257, 16, 100, 257, 2, 2},
	{32769, 2, 3, 3, 1, 2},
}

// tensors are scalars, then embedding, logits, count, skip and the row.
func (s shape) tensors(skip float64) []parity.Tensor {
	var in []parity.Tensor
	for i := range s.scalars {
		in = append(in, parity.Floats(uint64(i), -9, 9, i+1))
	}
	return append(in, parity.Floats(11, -1, 1, s.views*s.images, s.d), parity.Floats(12, -1, 1, s.views*s.images, s.k),
		parity.Ints(13, 2, s.slots), parity.Values(kernels.Int32, []float64{skip}, 1), parity.Values(kernels.Int32, []float64{1}, 1))
}

// run takes the last element of each scalar's array.
func (s shape) run(clusters bool) func(out, in []*kernels.Array) {
	return func(out, in []*kernels.Array) {
		var scalars []Scalar
		for i := range s.scalars {
			scalars = append(scalars, Scalar{in[i], i})
		}
		rest := in[s.scalars:]
		if !clusters {
			Step(out[0], rest[4], nil, rest[3], scalars, s.images, rest[0], nil, nil)
			return
		}
		Step(out[0], rest[4], out[1], rest[3], scalars, s.images, rest[0], rest[1], rest[2])
	}
}

// bound: a cosine is a quotient of sums of d float products, whose error is below d 2^-24 of the lengths; scalars are copied, and
// counts below 2^24 are exact.
func (s shape) bound() float64 { return float64(s.d+2) * 0x1p-24 }

func (s shape) parityCase(name string, skip float64, clusters bool) parity.Case {
	return parity.Case{
		Name: fmt.Sprint(s, "/", name), Bound: s.bound(), In: s.tensors(skip), Run: s.run(clusters), Large: s.images > 1000,
		Out: []parity.Tensor{
			parity.Values(kernels.Float32, make([]float64, 3*Width(s.scalars)), 3, Width(s.scalars)),
			parity.Ints(14, 100, s.k),
		},
	}
}

// TestParity: figures within the bound, the histogram equal: logits are compared, not computed with.
func TestParity(t *testing.T) {
	var cases []parity.Case
	for _, s := range shapes {
		cases = append(cases, s.parityCase("step", 0, true))
		if s.images < 1000 {
			cases = append(cases, s.parityCase("skipped", 1, true), s.parityCase("no clusters", 0, false))
		}
	}
	parity.Run(t, append(cases, awkwardCase())...)
}

// awkwardCase has ties, NaN and infinities among the logits, a row of zeros and one of NaN in the embedding.
func awkwardCase() parity.Case {
	nan, inf := math.NaN(), math.Inf(1)
	s := shape{images: 8, d: 2, k: 4, slots: 3, scalars: 1, views: 2}
	c := s.parityCase("awkward", 0, true)
	c.In[0] = parity.Values(kernels.Float32, []float64{nan}, 1)
	c.In[1] = c.In[1].With(map[int]float64{0: 0, 1: 0})
	c.In[2] = parity.Values(kernels.Float32, []float64{
		nan, 9, 9, 9, 0, nan, 1, 1, -inf, -inf, -inf, -inf, -inf, nan, nan, 3,
		inf, nan, inf, inf, nan, nan, nan, nan, 2, 2, 1, 2, 0, 0, 0, 5,
	}, 16, 4)
	return c
}

// TestStep looks at every figure of a small step by hand.
func TestStep(t *testing.T) {
	for _, dev := range parity.Devices(t) {
		f := kernels.Of(dev, []float32{3, 4, 1, 0, 4, 3, 0, 2}, 4, 2) // cosines 24/25 and 0
		logits := kernels.Of(dev, []float32{0, 7, 7, 5, 1, 2, 9, 9, 9, 9, 9, 9}, 4, 3)
		count := kernels.Of(dev, []int32{2, 0, 2}, 3)
		terms := kernels.Of(dev, []float32{8, 0.25}, 2)
		row, labels, skip := dev.New(kernels.Float32, 1, Width(2)), dev.New(kernels.Int32, 3), dev.New(kernels.Int32, 1)
		for range 2 {
			Step(row, skip, labels, skip, []Scalar{{terms, 1}, {terms, 0}}, 2, f, logits, count)
		}
		want := kernels.Of(kernels.CPU(), []float32{0, 0.25, 8, 0.48, 2}, 1, 5)
		parity.Near(t, 0, row.To(kernels.CPU()), want, 0x1p-23) // two roundings
		if got := kernels.Read[int32](labels); got[0] != 2 || got[1] != 2 || got[2] != 0 {
			t.Errorf("%s: labels %v", dev.Name(), got)
		}
		for _, a := range []*kernels.Array{f, logits, count, terms, row, labels, skip} {
			a.Free()
		}
	}
}

// TestStepOfOtherViews: of three views the first two are compared; a single one agrees with itself. Either way each image counts once.
func TestStepOfOtherViews(t *testing.T) {
	for _, dev := range parity.Devices(t) {
		f := kernels.Of(dev, []float32{3, 4, 1, 0, 4, 3, 0, 2, 9, 9, 9, 9}, 6, 2)
		logits := kernels.Of(dev, []float32{0, 7, 7, 5, 1, 2, 9, 9, 9, 9, 9, 9, 1, 1, 1, 1, 1, 1}, 6, 3)
		row, labels, skip := dev.New(kernels.Float32, 1, Width(0)), dev.New(kernels.Int32, 3), dev.New(kernels.Int32, 1)
		for views, want := range map[int]float32{1: 1, 3: 0.48} {
			labels.Zero()
			Step(row, skip, labels, skip, nil, 2, f.Rows(0, 2*views), logits.Rows(0, 2*views), nil)
			parity.Near(t, 0, row.To(kernels.CPU()), kernels.Of(kernels.CPU(), []float32{0, want, 0}, 1, 3), 0x1p-23) // two roundings
			if got := kernels.Read[int32](labels); got[0] != 1 || got[1] != 1 || got[2] != 0 {
				t.Errorf("%s, %d views: labels %v", dev.Name(), views, got)
			}
		}
		for _, a := range []*kernels.Array{f, logits, row, labels, skip} {
			a.Free()
		}
	}
}

// TestWrongArguments: shapes and types that do not fit are bugs.
func TestWrongArguments(t *testing.T) {
	dev := kernels.CPU()
	f, skip, long := dev.New(kernels.Float32, 4, 2), dev.New(kernels.Int32, 1), dev.New(kernels.Float32, 1, Width(9))
	row, one := dev.New(kernels.Float32, 1, Width(1)), dev.New(kernels.Float32, 1)
	logits, labels := dev.New(kernels.Float32, 4, 3), dev.New(kernels.Int32, 2)
	for name, f := range map[string]func(){
		"row too short":         func() { Step(row, skip, nil, skip, nil, 2, f, nil, nil) },
		"too many":              func() { Step(long, skip, nil, skip, make([]Scalar, 9), 2, f, nil, nil) },
		"element out of range":  func() { Step(row, skip, nil, skip, []Scalar{{one, 1}}, 2, f, nil, nil) },
		"float64":               func() { Step(row, skip, nil, skip, []Scalar{{dev.New(kernels.Float64, 1), 0}}, 2, f, nil, nil) },
		"more images than rows": func() { Step(row, skip, nil, skip, []Scalar{{one, 0}}, 5, f, nil, nil) },
		"rows of float64": func() {
			Step(dev.New(kernels.Float64, 1, Width(1)), skip, nil, skip, []Scalar{{one, 0}}, 2, f, nil, nil)
		},
		"a row that is no integer": func() { Step(row, one, nil, skip, []Scalar{{one, 0}}, 2, f, nil, nil) },
		"labels of another K":      func() { Step(row, skip, labels, skip, []Scalar{{one, 0}}, 2, f, logits, nil) },
	} {
		optest.Refuses(t, "record.", name, f)
	}
}

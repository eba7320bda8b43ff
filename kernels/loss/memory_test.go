package loss

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// memoryCase is a batch of images in some views, and a bank of more rows.
type memoryCase struct {
	rows, d, views int
	samples        []int32 // of the first view
	keep           float64
}

var memoryCases = []memoryCase{
	{1, 1, 1, []int32{0}, 0.5},
	{4, 3, 2, []int32{2, 0}, 0.5},
	{9, 130, 2, []int32{8, 1, 3, 0, 5}, 0.9},
	{3, 5, 3, []int32{0, 2, 1}, 0},
	{3, 5, 2, []int32{0, 2, 1}, 1},
	{3, 4, 2, []int32{-1, 1, 3}, 0.5},
	{3, 4, 2, []int32{}, 0.5},
}

func (c memoryCase) String() string {
	return fmt.Sprint(c.rows, "x", c.d, " ", c.samples, " in ", c.views, " views")
}

// all are the samples of all views.
func (c memoryCase) all() []int32 {
	all := []int32{}
	for range c.views {
		all = append(all, c.samples...)
	}
	return all
}

// loop is the definition.
func (c memoryCase) loop(bank, f *kernels.Array) []float64 {
	v := make([]float64, c.rows*c.d)
	for i := range v {
		v[i] = optest.Get(bank, i)
	}
	for row, at := range c.all() {
		if at < 0 || int(at) >= c.rows {
			continue
		}
		sum, own := 0.0, v[int(at)*c.d:int(at+1)*c.d]
		for e := range own {
			own[e] = c.keep*own[e] + (1-c.keep)*optest.Get(f, row*c.d+e)
			sum += own[e] * own[e]
		}
		for e := range own {
			own[e] /= math.Sqrt(sum)
		}
	}
	return v
}

func TestMemory(t *testing.T) {
	dev := kernels.CPU()
	for _, c := range memoryCases {
		for _, dt := range types {
			start := optest.Uniform(dev, dt, 1, -1, 1, c.rows, c.d)
			f := optest.Uniform(dev, dt, 2, -1, 1, len(c.samples)*c.views, c.d)
			samples := kernels.Of(dev, c.all(), len(c.all()))
			bank := optest.As(start, dt)
			Memory(bank, f, samples, kernels.Of(dev, []int32{1}, 1), c.views, c.keep)
			optest.Near(t, fmt.Sprint(c, " skipped"), bank, start, 0)
			Memory(bank, f, samples, kernels.Of(dev, []int32{0}, 1), c.views, c.keep)
			bound := map[kernels.DType]float64{kernels.Float32: 4 * 0x1p-24, kernels.Float64: 1e-15}[dt] // of each view one rounding
			optest.Near(t, fmt.Sprint(dt, c), bank, kernels.Of(dev, c.loop(start, f), c.rows, c.d), bound)
		}
	}
	// Rows that cancel have no direction: 0, not NaN. A NaN of an embedding is seen in its own row alone.
	bank := kernels.Of(dev, []float64{1, 0, 0, 1, 0.6, 0.8}, 3, 2)
	f := kernels.Of(dev, []float64{-1, 0, math.NaN(), 1}, 2, 2)
	Memory(bank, f, kernels.Of(dev, []int32{0, 1}, 2), kernels.Of(dev, []int32{0}, 1), 1, 0.5)
	optest.Near(t, "cancelled, damaged, not seen", bank, kernels.Of(dev, []float64{0, 0, math.NaN(), math.NaN(), 0.6, 0.8}, 3, 2), 0)
}

func TestParityMemory(t *testing.T) {
	var cases []parity.Case
	for _, c := range memoryCases {
		for _, skip := range []int32{0, 1} {
			cases = append(cases, parity.Case{
				Name: fmt.Sprint(c, " skip ", skip),
				In: []parity.Tensor{
					parity.Floats(1, -1, 1, c.rows, c.d), parity.Floats(2, -1, 1, len(c.samples)*c.views, c.d),
					whole(c.all()), whole([]int32{skip}),
				},
				Out: []parity.Tensor{parity.Output(kernels.Float32, c.rows, c.d)}, Check: within(float64(c.views) * 0x1p-22),
				Run: func(out, in []*kernels.Array) {
					out[0].CopyFrom(in[0])
					Memory(out[0], in[1], in[2], in[3], c.views, c.keep)
				},
			})
		}
	}
	parity.Run(t, cases...)
}

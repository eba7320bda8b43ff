package norm

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

const eps = 1e-5

var types = []kernels.DType{kernels.Float32, kernels.Float64}

// bnCase is a batch: shape [..., C], weights of the images (nil: none), offset of the data from zero.
type bnCase struct {
	shape  []int
	weight []float64
	offset float64
	relu   bool
}

var bnCases = []bnCase{
	{shape: []int{1, 3}},
	{shape: []int{2, 1}},
	{shape: []int{5, 7}, relu: true},
	{shape: []int{128, 128}},
	{shape: []int{chunkRows - 1, 5}},
	{shape: []int{chunkRows, 5}, relu: true},
	{shape: []int{chunkRows + 1, 5}},
	{shape: []int{3, 17, 19, 6}, offset: 1000},
	{shape: []int{2, 40, 40, 33}, offset: -30, relu: true},
	{shape: []int{4, 3}, weight: []float64{2, 0, 1, 5}},
	{shape: []int{3, 2, 2, 3}, weight: []float64{0, 4, 1}, relu: true},
	{shape: []int{3, 20, 20, 3}, weight: []float64{6, 0, 2}, offset: 50},
	{shape: []int{0, 3}},
}

func (c bnCase) String() string { return fmt.Sprint(c.shape, c.weight, c.offset, c.relu) }

// bn is a case's arrays.
type bn struct {
	bnCase
	dev                     *kernels.Device
	dt                      kernels.DType
	x, gamma, beta, weights *kernels.Array
	y                       *kernels.Array
	s                       Stats
}

func newBN(c bnCase, dt kernels.DType) *bn {
	dev, ch := kernels.CPU(), c.shape[len(c.shape)-1]
	b := &bn{bnCase: c, dev: dev, dt: dt}
	b.x = optest.Uniform(dev, dt, 1, c.offset-2, c.offset+3, c.shape...)
	b.gamma, b.beta = optest.Uniform(dev, dt, 2, -1, 2, ch), optest.Uniform(dev, dt, 3, -1, 1, ch)
	if c.weight != nil {
		b.weights = optest.As(kernels.Of(dev, c.weight, len(c.weight)), dt)
	}
	b.y = optest.Poisoned(dev, dt, c.shape...)
	b.s = Stats{optest.Poisoned(dev, dt, ch), optest.Poisoned(dev, dt, ch)}
	return b
}

func (b *bn) run() { BatchNorm(b.y, b.x, b.gamma, b.beta, b.weights, b.s, eps, b.relu) }

// rowWeight is the weight of each row.
func (b *bn) rowWeight(r int) float64 {
	if b.weight == nil {
		return 1
	}
	rows := b.x.Len() / b.gamma.Len()
	return b.weight[r/(rows/len(b.weight))]
}

// loop is BatchNorm as the contract writes it, in float64.
func (b *bn) loop() (y *kernels.Array, s Stats) {
	f64, ch := kernels.Float64, b.gamma.Len()
	rows := b.x.Len() / ch
	y, s = b.dev.New(f64, b.shape...), Stats{b.dev.New(f64, ch), b.dev.New(f64, ch)}
	for c := range ch {
		total, mean, vari := 0.0, 0.0, 0.0
		for r := range rows {
			total += b.rowWeight(r)
			mean += b.rowWeight(r) * optest.Get(b.x, r*ch+c)
		}
		mean /= max(total, 1)
		for r := range rows {
			d := optest.Get(b.x, r*ch+c) - mean
			vari += b.rowWeight(r) * d * d
		}
		inv := 1 / math.Sqrt(vari/max(total, 1)+eps)
		optest.Set(s.Mean, c, mean)
		optest.Set(s.InvStd, c, inv)
		for r := range rows {
			v := optest.Get(b.gamma, c)*(optest.Get(b.x, r*ch+c)-mean)*inv + optest.Get(b.beta, c)
			if b.relu {
				v = max(0, v)
			}
			optest.Set(y, r*ch+c, v)
		}
	}
	return y, s
}

// The mean is rounded to float32, and y with it: by |mean|/deviation times half a unit.
func TestBatchNorm(t *testing.T) {
	for _, dt := range types {
		bound := map[kernels.DType]float64{kernels.Float32: 1e-6, kernels.Float64: 1e-15}[dt]
		for _, c := range bnCases {
			b := newBN(c, dt)
			want, s := b.loop()
			b.run()
			name := fmt.Sprint(dt, c)
			optest.Near(t, name+" mean", b.s.Mean, s.Mean, bound)
			// A case of one row has a deviation of 0 or 1e-7: 1/sqrt(eps) amplifies the difference.
			optest.Near(t, name+" inverse deviation", b.s.InvStd, s.InvStd, 10*bound)
			yBound := bound * (4 + math.Abs(c.offset))
			optest.Near(t, name, b.y, want, yBound)
			BatchNorm(b.x, b.x, b.gamma, b.beta, b.weights, b.s, eps, c.relu)
			optest.Near(t, name+" in place", b.x, want, yBound)
		}
	}
}

// An image of weight 3 is three equal images: statistics and running statistics must be the same.
func TestWeightIsRepetition(t *testing.T) {
	few := newBN(bnCase{shape: []int{2, 2, 2, 3}, weight: []float64{3, 1}}, kernels.Float64)
	many := newBN(bnCase{shape: []int{4, 2, 2, 3}}, kernels.Float64)
	for i, from := range []int{0, 0, 0, 1} {
		many.x.Rows(i, i+1).CopyFrom(few.x.Rows(from, from+1))
	}
	few.run()
	many.run()
	optest.Near(t, "mean", few.s.Mean, many.s.Mean, 1e-15)
	optest.Near(t, "deviation", few.s.InvStd, many.s.InvStd, 1e-14)
	a, b := few.running(), many.running()
	optest.Near(t, "running mean", a.Mean, b.Mean, 1e-15)
	optest.Near(t, "running variance", a.InvStd, b.InvStd, 1e-14)
}

func (b *bn) running() Stats {
	ch := b.gamma.Len()
	r := Stats{b.dev.New(b.dt, ch), b.dev.New(b.dt, ch)}
	BatchNormRunning([]Running{{r.Mean, r.InvStd, b.s, b.weights, b.x.Len() / ch, eps}}, 0.1, nil)
	return r
}

func TestBatchNormRunning(t *testing.T) {
	b := newBN(bnCase{shape: []int{4, 1}}, kernels.Float64)
	b.x.CopyFrom(kernels.Of(b.dev, []float64{1, 2, 3, 6}, 4, 1)) // mean 3, unbiased variance 14/3
	b.run()
	mean, vari := kernels.Of(b.dev, []float64{10}, 1), kernels.Of(b.dev, []float64{20}, 1)
	skip := kernels.Of(b.dev, []int32{1}, 1)
	BatchNormRunning([]Running{{mean, vari, b.s, nil, 4, eps}}, 0.1, skip)
	optest.Near(t, "skipped", mean, kernels.Of(b.dev, []float64{10}, 1), 0)
	kernels.Data[int32](skip)[0] = 0
	none := kernels.Of(b.dev, []float64{0, 0, 0, 0}, 4)
	BatchNormRunning([]Running{{mean, vari, b.s, none, 4, eps}}, 0.1, skip)
	optest.Near(t, "no weight", mean, kernels.Of(b.dev, []float64{10}, 1), 0)
	BatchNormRunning([]Running{{mean, vari, b.s, nil, 4, eps}}, 0.1, skip)
	optest.Near(t, "mean", mean, kernels.Of(b.dev, []float64{9.3}, 1), 1e-14)
	optest.Near(t, "variance", vari, kernels.Of(b.dev, []float64{18 + 1.4/3}, 1), 1e-14)
}

func TestBatchNormEval(t *testing.T) {
	for _, dt := range types {
		b := newBN(bnCase{shape: []int{3, 5, 7}}, dt)
		mean, vari := optest.Uniform(b.dev, dt, 5, -1, 1, 7), optest.Uniform(b.dev, dt, 6, 0, 2, 7)
		for _, relu := range []bool{false, true} {
			want := b.dev.New(dt, b.shape...)
			for i := range want.Len() {
				c := i % 7
				v := optest.Get(b.gamma, c)*(optest.Get(b.x, i)-optest.Get(mean, c))/math.Sqrt(optest.Get(vari, c)+eps) + optest.Get(b.beta,
					c)
				if relu {
					v = max(0, v)
				}
				optest.Set(want, i, v)
			}
			BatchNormEval(b.y, b.x, b.gamma, b.beta, mean, vari, eps, relu)
			optest.Near(t, fmt.Sprint(dt, relu), b.y, want, 1e-6)
		}
	}
}

// A NaN must reach the output and the statistics; weight 0 keeps it out of the statistics.
func TestBatchNormNaN(t *testing.T) {
	for _, c := range []bnCase{{shape: []int{9, 2}, relu: true}, {shape: []int{3, 2}, weight: []float64{0, 1, 2}}} {
		b := newBN(c, kernels.Float32)
		optest.Set(b.x, 0, math.NaN())
		b.run()
		if !math.IsNaN(optest.Get(b.y, 0)) {
			t.Errorf("%v: the output hides a NaN", c)
		}
		if got := math.IsNaN(optest.Get(b.s.Mean, 0)); got != (c.weight == nil) {
			t.Errorf("%v: mean NaN: %v", c, got)
		}
		if math.IsNaN(optest.Get(b.s.Mean, 1)) {
			t.Errorf("%v: NaN in the other channel", c)
		}
	}
}

// The same bits on one core and on several.
func TestBatchNormOnAnyNumberOfCores(t *testing.T) {
	b := newBN(bnCase{shape: []int{5, 33, 31, 24}, weight: []float64{1, 2, 0, 3, 1}}, kernels.Float32)
	dy := optest.Uniform(b.dev, b.dt, 9, -1, 1, b.shape...)
	var first []*kernels.Array
	for _, cores := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(cores)
		b.run()
		g := b.backward(dy)
		runtime.GOMAXPROCS(before)
		all := []*kernels.Array{b.y, b.s.Mean, b.s.InvStd, g[0], g[1], g[2]}
		for i, a := range all {
			if cores == 1 {
				first = append(first, optest.As(a, b.dt))
				continue
			}
			optest.Near(t, fmt.Sprint(cores, " cores, result ", i), a, first[i], 0)
		}
	}
}

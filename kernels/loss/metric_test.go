package loss

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// metricCase is a batch: the slot of each first view, number of slots, whether rows lie on their own centroid.
type metricCase struct {
	name     string
	slot     []int32
	slots    int
	d        int
	t, alpha float64
	onOwn    bool
}

var metricCases = []metricCase{
	{"usual", []int32{0, 2, 1, 0, 2, 2}, 3, 5, 0.1, 1, false},
	{"two live", []int32{0, 1, 1}, 2, 4, 0.1, 1, false},
	{"empty slots", []int32{3, 1, 1, 3, 0}, 5, 7, 0.2, 0.5, false},
	{"one live", []int32{1, 1}, 3, 4, 0.1, 1, false},
	{"own centroid dominates", []int32{0, 1, 2, 3, 0}, 4, 8, 0.02, 1, true},
	{"cold", []int32{0, 2, 1, 0, 2, 3}, 4, 5, 0.001, 1, false},
	{"cold, own dominates", []int32{0, 1, 2, 2}, 3, 6, 0.001, 1, true},
	{"no tail", []int32{0, 2, 1}, 3, 5, 0.1, 0, false},
	{"more than a tile", []int32{0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2}, 5, 3, 0.1, 1, false},
}

type metricInput struct {
	metricCase
	f, partner, c, slot, count *kernels.Array
}

// newMetricInput has unit rows and centroids; empty slots hold NaN.
func newMetricInput(c metricCase, dt kernels.DType) metricInput {
	dev, n := kernels.CPU(), 2*len(c.slot)
	in := metricInput{metricCase: c, slot: dev.New(kernels.Int32, n), count: dev.New(kernels.Int32, c.slots)}
	in.c, in.f = unitRows(dev, 1, c.slots, c.d), unitRows(dev, 2, n, c.d)
	for i := range n {
		s := c.slot[i%len(c.slot)]
		kernels.Data[int32](in.slot)[i] = s
		kernels.Data[int32](in.count)[s]++
		if c.onOwn {
			in.f.Rows(i, i+1).CopyFrom(in.c.Rows(int(s), int(s)+1))
		}
	}
	for j, m := range kernels.Data[int32](in.count) {
		if m == 0 {
			in.c.Rows(j, j+1).CopyFrom(optest.Poisoned(dev, kernels.Float64, 1, c.d))
		}
	}
	in.f, in.c = optest.As(in.f, dt), optest.As(in.c, dt)
	in.partner = optest.As(in.f, dt)
	for i := range n {
		j := (i + n/2) % n
		in.partner.Rows(i, i+1).CopyFrom(in.f.Rows(j, j+1))
	}
	return in
}

func unitRows(dev *kernels.Device, seed uint64, n, d int) *kernels.Array {
	a := optest.Uniform(dev, kernels.Float64, seed, -1, 1, n, d)
	for i := range n {
		row := kernels.Data[float64](a)[i*d : (i+1)*d]
		length := math.Sqrt(dot(row, row))
		for j := range row {
			row[j] /= length
		}
	}
	return a
}

// lse is log sum exp over live slots but the excluded one.
func (in metricInput) lse(s []float64, but int) float64 {
	top, sum := math.Inf(-1), 0.0
	for j, v := range s {
		if j != but && kernels.Data[int32](in.count)[j] > 0 {
			top = max(top, v)
		}
	}
	for j, v := range s {
		if j != but && kernels.Data[int32](in.count)[j] > 0 {
			sum += math.Exp(v - top)
		}
	}
	return top + math.Log(sum)
}

// loop is L_m by its formula, every exclusive sum on its own, with the partners held fixed.
func (in metricInput) loop() float64 {
	n, live, loss := in.f.Dim(0), 0, 0.0
	count := kernels.Data[int32](in.count)
	for _, m := range count {
		if m > 0 {
			live++
		}
	}
	for i := range n {
		s, positive, own := make([]float64, in.slots), 0.0, int(kernels.Data[int32](in.slot)[i])
		for e := range in.d {
			v := optest.Get(in.f, i*in.d+e)
			positive += v * optest.Get(in.partner, i*in.d+e) / in.t
			for j := range s {
				s[j] += v * optest.Get(in.c, j*in.d+e) / in.t
			}
		}
		loss -= positive / float64(n)
		if live < 2 {
			continue
		}
		loss += in.lse(s, own) / float64(n)
		for j := range s {
			if j != own && count[j] > 0 {
				loss -= in.alpha * (in.lse(s, j) - in.lse(s, -1)) / float64(n)
			}
		}
	}
	return loss
}

func (in metricInput) run(dt kernels.DType, gradient bool) (loss, df *kernels.Array) {
	loss = optest.Poisoned(kernels.CPU(), dt, 1)
	if gradient {
		df = optest.Poisoned(kernels.CPU(), dt, in.f.Shape()...)
	}
	Metric(loss, df, in.f, in.c, in.slot, in.count, in.t, in.alpha)
	return loss, df
}

func TestMetric(t *testing.T) {
	dev := kernels.CPU()
	for _, c := range metricCases {
		in := newMetricInput(c, kernels.Float64)
		loss, df := in.run(kernels.Float64, true)
		optest.Near(t, c.name, loss, kernels.Of(dev, []float64{in.loop()}, 1), 1e-13)
		again, _ := in.run(kernels.Float64, false)
		optest.Near(t, c.name+" without gradient", again, loss, 0)
		// The truncation error of a difference grows as (h/t)^2, its rounding error falls as 1/h.
		optest.Gradient(t, c.name, df, in.f, 1e-4*c.t, 1e-7, in.loop)

		single := newMetricInput(c, kernels.Float32)
		loss32, df32 := single.run(kernels.Float32, true)
		double := single
		double.f, double.c = optest.As(single.f, kernels.Float64), optest.As(single.c, kernels.Float64)
		loss, df = double.run(kernels.Float64, true)
		// float32 similarities are off by 2^-24 times their size, and s by that over t.
		optest.Near(t, c.name+" float32", loss32, loss, 1e-6)
		optest.Near(t, c.name+" float32 gradient", df32, df, 1e-6/c.t)
	}
}

// A similarity ahead of all others by far: exp would overflow, 1-p would be 0.
func TestMetricIsFiniteWhenOneClusterDominates(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, scale := range []float64{1, 100, 1e4} {
			in := newMetricInput(metricCase{slot: []int32{0, 1, 2}, slots: 3, d: 2, t: 0.001, alpha: 1}, dt)
			for j, v := range []float64{scale, 0, -scale, 0, 0, scale} {
				optest.Set(in.c, j, v)
			}
			for i := range 6 {
				optest.Set(in.f, 2*i, 1) // all rows lie on centroid 0
				optest.Set(in.f, 2*i+1, 0)
			}
			in.partner.CopyFrom(in.f)
			loss, df := in.run(dt, true)
			optest.Near(t, fmt.Sprint(dt, scale), loss, kernels.Of(dev, []float64{in.loop()}, 1), 1e-6)
			for i := range df.Len() {
				if v := optest.Get(df, i); !(math.Abs(v) < 1e8) {
					t.Fatalf("%v %g: gradient %d is %g", dt, scale, i, v)
				}
			}
		}
	}
}

func TestMetricShowsNaN(t *testing.T) {
	for _, dt := range types {
		for i := range 3 { // in the first, second, third feature of the first row
			in := newMetricInput(metricCases[0], dt)
			optest.Set(in.f, i, math.NaN())
			loss, df := in.run(dt, true)
			if !math.IsNaN(optest.Get(loss, 0)) || !math.IsNaN(optest.Get(df, 0)) {
				t.Errorf("%v: loss %g, gradient %g", dt, optest.Get(loss, 0), optest.Get(df, 0))
			}
		}
	}
}

func TestMetricOnAnyNumberOfCores(t *testing.T) {
	in := newMetricInput(metricCases[len(metricCases)-1], kernels.Float32)
	loss, df := in.run(kernels.Float32, true)
	for _, cores := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(cores)
		again, dagain := in.run(kernels.Float32, true)
		runtime.GOMAXPROCS(before)
		optest.Near(t, "loss", again, loss, 0)
		optest.Near(t, "gradient", dagain, df, 0)
	}
}

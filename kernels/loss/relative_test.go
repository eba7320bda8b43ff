package loss

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// relaxedLoop is the definition of Relaxed.
func relaxedLoop(q, w *kernels.Array, delta float64) float64 {
	n, sum := q.Dim(0), 0.0
	for i := range n {
		d := relativeLoop(q, i)
		for j := range n {
			if j != i {
				near := optest.Get(w, i*n+j)
				sum += near*d[j]*d[j] + (1-near)*math.Pow(max(0, delta-d[j]), 2)
			}
		}
	}
	return sum / float64(max(1, n*(n-1)))
}

// distillLoop is the definition of Distill.
func distillLoop(q, target *kernels.Array) float64 {
	n, sum := q.Dim(0), 0.0
	for i := range n {
		own, other := logSoftmaxLoop(relativeLoop(q, i)), logSoftmaxLoop(relativeLoop(target, i))
		for j := range n {
			sum += math.Exp(other[j]) * (other[j] - own[j])
		}
	}
	return sum / float64(max(1, n))
}

func logSoftmaxLoop(d []float64) []float64 {
	sum, out := 0.0, make([]float64, len(d))
	for _, v := range d {
		sum += math.Exp(-v)
	}
	for j, v := range d {
		out[j] = math.Log(math.Exp(-v) / sum)
	}
	return out
}

func relativeLoop(q *kernels.Array, i int) []float64 {
	n, sum := q.Dim(0), 0.0
	d := make([]float64, n)
	for j := range d {
		if j != i {
			d[j] = math.Sqrt(optest.Get(q, i*n+j))
			sum += d[j]
		}
	}
	for j := range d {
		if sum > 0 {
			d[j] /= sum / float64(n)
		}
	}
	return d
}

// relativeRows are numbers of rows: none, one, two, odd ones, and more than a block has threads.
var relativeRows = []int{0, 1, 2, 3, 7, 32, 300}

func TestRelative(t *testing.T) {
	dev := kernels.CPU()
	for _, n := range relativeRows {
		for _, dt := range types {
			q, w := optest.Uniform(dev, dt, 1, 0.2, 3, n, n), optest.Uniform(dev, dt, 2, 0.01, 1, n, n)
			for name, op := range map[string]struct {
				run  func(loss, dq, q, w *kernels.Array)
				want float64
			}{
				"relaxed":   {func(loss, dq, q, w *kernels.Array) { Relaxed(loss, dq, q, w, 0.9) }, relaxedLoop(q, w, 0.9)},
				"distilled": {Distill, distillLoop(q, w)},
			} {
				at, bound := fmt.Sprint(name, " ", dt, " ", n), map[kernels.DType]float64{kernels.Float32: 2e-7, kernels.Float64: 1e-13}[dt]
				loss, dq := optest.Poisoned(dev, dt, 1), optest.Poisoned(dev, dt, n, n)
				op.run(loss, dq, q, w)
				optest.Near(t, at, loss, kernels.Of(dev, []float64{op.want}, 1), bound)
				exact, weights := optest.As(q, kernels.Float64), optest.As(w, kernels.Float64)
				l64, d64 := optest.Poisoned(dev, kernels.Float64, 1), optest.Poisoned(dev, kernels.Float64, n, n)
				op.run(l64, d64, exact, weights)
				optest.Near(t, at, dq, d64, bound)
				if n < 100 {
					f := func() float64 { op.run(l64, nil, exact, weights); return optest.Get(l64, 0) }
					optest.Gradient(t, at, d64, exact, 1e-5, 1e-6, f)
				}
			}
		}
	}
}

// TestRelativeOfEqualRows: rows at distance 0 have no direction, and what is not finite shows in its row alone.
func TestRelativeOfEqualRows(t *testing.T) {
	dev := kernels.CPU()
	for name, run := range map[string]func(loss, dq, q, w *kernels.Array){
		"relaxed": func(loss, dq, q, w *kernels.Array) { Relaxed(loss, dq, q, w, 1) }, "distilled": Distill,
	} {
		q, w := dev.New(kernels.Float32, 4, 4), optest.Uniform(dev, kernels.Float32, 2, 0.1, 1, 4, 4)
		loss, dq := optest.Poisoned(dev, kernels.Float32, 1), optest.Poisoned(dev, kernels.Float32, 4, 4)
		run(loss, dq, q, w)
		optest.Near(t, name, dq, dev.New(kernels.Float32, 4, 4), 0)
		if v := optest.Get(loss, 0); !(v >= 0 && v < 1) {
			t.Errorf("%s: loss %g of equal rows", name, v)
		}
		for _, bad := range []float64{math.NaN(), math.Inf(1)} {
			for at := range 16 {
				q := optest.Uniform(dev, kernels.Float32, 1, 0.2, 3, 4, 4)
				optest.Set(q, at, bad)
				run(loss, dq, q, w)
				spoiled := at/4 != at%4
				if math.IsNaN(optest.Get(loss, 0)) != spoiled {
					t.Errorf("%s: loss %g with %g at %d", name, optest.Get(loss, 0), bad, at)
				}
				for i := range 16 {
					if want := spoiled && i/4 == at/4 && i/4 != i%4; math.IsNaN(optest.Get(dq, i)) != want {
						t.Errorf("%s: element %d of the gradient is %g with %g at %d", name, i, optest.Get(dq, i), bad, at)
					}
				}
			}
		}
	}
}

func TestParityRelative(t *testing.T) {
	var cases []parity.Case
	add := func(name string, n int, q parity.Tensor) {
		for which, run := range map[string]func(loss, dq, q, w *kernels.Array){
			"relaxed ": func(loss, dq, q, w *kernels.Array) { Relaxed(loss, dq, q, w, 0.9) }, "distilled ": Distill,
		} {
			cases = append(cases, parity.Case{
				Name: which + name, In: []parity.Tensor{q, parity.Floats(2, 0.01, 1, n, n)}, Out: scoreOutputs(q), Large: n > 100,
				Check: within(scoreBound, scoreBound, scoreBound),
				Run: func(out, in []*kernels.Array) {
					run(out[0], out[1], in[0], in[1])
					run(out[2], nil, in[0], in[1])
				},
			})
		}
	}
	for _, n := range relativeRows {
		add(fmt.Sprint(n, " rows"), n, parity.Floats(1, 0.2, 3, n, n))
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), 0} {
		for _, at := range []int{0, 1, 6, 34} {
			add(fmt.Sprint(bad, " at ", at), 6, parity.Floats(1, 0.2, 3, 6, 6).With(map[int]float64{at: bad}))
		}
	}
	parity.Run(t, cases...)
}

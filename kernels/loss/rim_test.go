package loss

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

var types = []kernels.DType{kernels.Float32, kernels.Float64}

// rimLoop is L_rim as the formula stands, for logits of moderate size.
func rimLoop(x *kernels.Array, mu float64) (loss float64, terms [2]float64) {
	n, k := x.Dim(0), x.Dim(1)
	mean := make([]float64, k)
	for i := range n {
		sum := 0.0
		for j := range k {
			sum += math.Exp(optest.Get(x, i*k+j))
		}
		for j := range k {
			p := math.Exp(optest.Get(x, i*k+j)) / sum
			terms[0] -= p * math.Log(p) / float64(n)
			mean[j] += p / float64(n)
		}
	}
	for _, p := range mean {
		terms[1] -= p * math.Log(p)
	}
	if k > 1 {
		terms[0] /= math.Log(float64(k))
		terms[1] /= math.Log(float64(k))
	}
	return terms[0] + 1 - mu*terms[1], terms
}

func TestRim(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, s := range [][2]int{{1, 2}, {2, 1}, {5, 3}, {17, 65}, {128, 32}, {3, 2049}} {
			x := optest.Uniform(dev, dt, 1, -4, 4, s[0], s[1])
			loss, terms := optest.Poisoned(dev, dt, 1), optest.Poisoned(dev, dt, 2)
			grad := optest.Poisoned(dev, dt, s[0], s[1])
			Rim(loss, terms, grad, x, 0.7)
			want, parts := rimLoop(x, 0.7)
			bound := map[kernels.DType]float64{kernels.Float32: 1e-7, kernels.Float64: 1e-14}[dt]
			optest.Near(t, fmt.Sprint(dt, s), loss, kernels.Of(dev, []float64{want}, 1), bound)
			optest.Near(t, fmt.Sprint(dt, s), terms, kernels.Of(dev, parts[:], 2), bound)
			exact := optest.As(x, kernels.Float64)
			l64, t64, g64 := optest.Poisoned(dev, kernels.Float64, 1), optest.Poisoned(dev, kernels.Float64, 2),
				optest.Poisoned(dev, kernels.Float64, s[0], s[1])
			Rim(l64, t64, g64, exact, 0.7)
			optest.Near(t, fmt.Sprint(dt, s), grad, g64, bound)
			Rim(loss, terms, nil, x, 0.7)
			optest.Near(t, fmt.Sprint(dt, s, " without gradient"), loss, l64, bound)
		}
	}
}

func TestRimGradient(t *testing.T) {
	dev, f64 := kernels.CPU(), kernels.Float64
	cases := []struct {
		n, k      int
		mu, width float64
	}{{4, 5, 1, 2}, {1, 3, 0.5, 2}, {6, 2, 0, 3}, {3, 7, 2.5, 30}, {2, 1, 1, 1}}
	for _, c := range cases {
		x, dx := optest.Uniform(dev, f64, 3, -c.width, c.width, c.n, c.k), optest.Poisoned(dev, f64, c.n, c.k)
		loss, terms := optest.Poisoned(dev, f64, 1), optest.Poisoned(dev, f64, 2)
		Rim(loss, terms, dx, x, c.mu)
		f := func() float64 { Rim(loss, terms, nil, x, c.mu); return optest.Get(loss, 0) }
		if c.k == 1 {
			optest.Near(t, "one cluster", dx, dev.New(f64, c.n, 1), 0)
			optest.Near(t, "one cluster", loss, kernels.Of(dev, []float64{1}, 1), 0)
			continue
		}
		optest.Gradient(t, fmt.Sprint(c), dx, x, 1e-5, 1e-7, f)
	}
}

// Logits of 1e4 and infinite ones: probabilities of exactly 0 and 1.
func TestRimExtremes(t *testing.T) {
	dev, inf := kernels.CPU(), math.Inf(1)
	cases := []struct {
		logits []float64
		terms  [2]float64
	}{
		{[]float64{1e4, -1e4, -1e4, 1e4}, [2]float64{0, 1}},
		{[]float64{1e4, -1e4, 1e4, -1e4}, [2]float64{0, 0}},
		{[]float64{-1e4, -1e4, 1e4, 1e4}, [2]float64{1, 1}},
		{[]float64{0, -inf, 0, -inf}, [2]float64{0, 0}},
		{[]float64{math.NaN(), 0, 0, 0}, [2]float64{math.NaN(), math.NaN()}},
		{[]float64{inf, 0, 0, 0}, [2]float64{math.NaN(), math.NaN()}},
	}
	for _, dt := range types {
		for _, c := range cases {
			x := optest.As(kernels.Of(dev, c.logits, 2, 2), dt)
			loss, terms, dx := optest.Poisoned(dev, dt, 1), optest.Poisoned(dev, dt, 2), optest.Poisoned(dev, dt, 2, 2)
			Rim(loss, terms, dx, x, 1)
			name := fmt.Sprint(dt, c.logits)
			optest.Near(t, name, terms, kernels.Of(dev, c.terms[:], 2), 1e-15)
			optest.Near(t, name, loss, kernels.Of(dev, []float64{c.terms[0] + 1 - c.terms[1]}, 1), 1e-15)
			if !math.IsNaN(c.terms[0]) {
				optest.Near(t, name, dx, dev.New(dt, 2, 2), 1e-15)
			} else if !math.IsNaN(optest.Get(dx, 0)) {
				t.Errorf("%s: the gradient hides it", name)
			}
		}
	}
}

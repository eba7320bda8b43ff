package loss

import (
	"fmt"
	"math"
	"sort"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// contextualLoop is the definition of Contextual, with sets and whole matrices.
func contextualLoop(s *kernels.Array, sample []int32, sigma float64, k int) []float64 {
	n := s.Dim(0)
	near, top := make([][]float64, n), make([][]int, n)
	for i := range n {
		near[i] = make([]float64, n)
		for j := range n {
			near[i][j] = math.Exp(-max(0, 2-2*optest.Get(s, i*n+j)) / sigma)
		}
		order := make([]int, n)
		for j := range order {
			order[j] = j
		}
		rank := func(j int) float64 {
			if sample[j] == sample[i] {
				return 9
			}
			return optest.Get(s, i*n+j)
		}
		sort.SliceStable(order, func(a, b int) bool { return rank(order[a]) > rank(order[b]) })
		top[i] = order[:min(k, n)]
	}
	in := func(list []int, j int) bool {
		for _, v := range list {
			if v == j {
				return true
			}
		}
		return false
	}
	mutual := func(i, j int) bool { return in(top[i], j) && in(top[j], i) }
	shared := func(i, j int) float64 { // T_ij
		if !mutual(i, j) {
			return 0
		}
		size, common := 0, 0
		for h := range n {
			if mutual(i, h) {
				size++
				if mutual(j, h) {
					common++
				}
			}
		}
		return float64(common) / float64(size)
	}
	expanded := func(i, j int) float64 { // H_ij
		half := max(1, int(math.RoundToEven(float64(len(top[i]))/2)))
		sum := 0.0
		for _, h := range top[i][:half] {
			sum += shared(h, j)
		}
		return sum / float64(half)
	}
	w := make([]float64, n*n)
	for i := range n {
		for j := range n {
			w[i*n+j] = (near[i][j] + (expanded(i, j)+expanded(j, i))/2) / 2
		}
	}
	return w
}

// contextualCase has rows whose images repeat after some of them, and within a view.
type contextualCase struct {
	n, images, k int
}

// No rows and one; fewer rows than neighbours; one image alone; two views; images that come more than once in a view.
var contextualCases = []contextualCase{
	{0, 1, 2}, {1, 1, 2}, {2, 1, 1}, {3, 3, 8}, {6, 1, 4}, {16, 8, 4}, {30, 11, 6}, {40, 20, 10}, {60, 30, 1}, {280, 130, 10},
}

func (c contextualCase) sample() []int32 {
	list := make([]int32, c.n)
	for i := range list {
		list[i] = int32(i * 5 % c.images)
	}
	return list
}

func TestContextual(t *testing.T) {
	dev := kernels.CPU()
	for _, c := range contextualCases {
		for _, dt := range types {
			s, sample := optest.Uniform(dev, dt, 1, -0.3, 1, c.n, c.n), c.sample()
			w := optest.Poisoned(dev, dt, c.n, c.n)
			Contextual(w, s, kernels.Of(dev, sample, c.n), 3, c.k)
			bound := map[kernels.DType]float64{kernels.Float32: 0x1p-24, kernels.Float64: 1e-15}[dt] // one rounding of numbers up to 1
			optest.Near(t, fmt.Sprint(c, dt), w, kernels.Of(dev, contextualLoop(s, sample, 3, c.k), c.n, c.n), bound)
		}
	}
}

// TestContextualOfNaN: only the weights of a damaged similarity are NaN, whatever rows become neighbours.
func TestContextualOfNaN(t *testing.T) {
	dev, c := kernels.CPU(), contextualCase{16, 8, 4}
	s := optest.Uniform(dev, kernels.Float32, 1, -0.3, 1, c.n, c.n)
	for j := range c.n {
		optest.Set(s, 2*c.n+j, math.NaN())
	}
	w := optest.Poisoned(dev, kernels.Float32, c.n, c.n)
	Contextual(w, s, kernels.Of(dev, c.sample(), c.n), 3, c.k)
	for i := range c.n * c.n {
		if math.IsNaN(optest.Get(w, i)) != (i/c.n == 2) {
			t.Errorf("weight %d, %d is %g", i/c.n, i%c.n, optest.Get(w, i))
		}
	}
}

func TestParityContextual(t *testing.T) {
	var cases []parity.Case
	add := func(name string, c contextualCase, s parity.Tensor) {
		cases = append(cases, parity.Case{
			Name: name, In: []parity.Tensor{s, whole(c.sample())}, Out: []parity.Tensor{parity.Output(kernels.Float32, c.n, c.n)},
			Large: c.n > 100, Check: within(scoreBound),
			Run: func(out, in []*kernels.Array) { Contextual(out[0], in[0], in[1], 3, c.k) },
		})
	}
	for _, c := range contextualCases {
		add(fmt.Sprint(c), c, parity.Floats(1, -0.3, 1, c.n, c.n))
	}
	few := contextualCase{12, 5, 4}
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		add(fmt.Sprint(bad), few, parity.Floats(1, -0.3, 1, 12, 12).With(map[int]float64{3: bad, 40: bad, 41: bad}))
	}
	ties := make([]float64, 36*36)
	for i := range ties {
		ties[i] = float64(i*7%3) / 4
	}
	add("ties", contextualCase{36, 18, 6}, parity.Values(kernels.Float32, ties, 36, 36))
	parity.Run(t, cases...)
}

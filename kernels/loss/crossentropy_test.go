package loss

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// crossEntropyLoop is the definition, for scores of moderate size.
func crossEntropyLoop(s *kernels.Array, target, class []int32, scale float64) float64 {
	n, k, loss := s.Dim(0), s.Dim(1), 0.0
	for i := range n {
		y, sum := i, 0.0
		if target != nil {
			y = int(target[i])
		}
		for j := range k {
			if class == nil || j == y || class[j] != class[y] {
				sum += math.Exp(scale * optest.Get(s, i*k+j))
			}
		}
		loss += (math.Log(sum) - scale*optest.Get(s, i*k+y)) / float64(max(1, n))
	}
	return loss
}

// entropyCase is one of CrossEntropy; nil target or class is nil there.
type entropyCase struct {
	n, k          int
	target, class []int32
	scale         float64
}

var entropyCases = []entropyCase{
	{0, 3, []int32{}, nil, 1},
	{1, 1, nil, nil, 2},
	{3, 5, []int32{4, 0, 4}, nil, 1},
	{4, 4, nil, nil, 10},
	{5, 5, nil, []int32{7, 7, 3, 7, 1}, 5},
	{2, 2, nil, []int32{1, 1}, 5},
	{2, 2049, []int32{2048, 17}, nil, 3},
	{3, 300, []int32{0, 255, 299}, numbered(300, 7), 2},
}

// numbered is i mod m for each of n places.
func numbered(n, m int) []int32 {
	v := make([]int32, n)
	for i := range v {
		v[i] = int32(i % m)
	}
	return v
}

func ints(dev *kernels.Device, v []int32) *kernels.Array {
	if v == nil {
		return nil
	}
	return kernels.Of(dev, v, len(v))
}

func TestCrossEntropy(t *testing.T) {
	dev := kernels.CPU()
	for _, c := range entropyCases {
		for _, dt := range types {
			s := optest.Uniform(dev, dt, 1, -1, 1, c.n, c.k)
			target, class := ints(dev, c.target), ints(dev, c.class)
			loss, ds := optest.Poisoned(dev, dt, 1), optest.Poisoned(dev, dt, c.n, c.k)
			CrossEntropy(loss, ds, s, target, class, c.scale)
			name := fmt.Sprint(dt, " ", c.n, "x", c.k)
			// The result is rounded to the type; the loop's own sums are within 2e-15 of numbers up to 20.
			bound := map[kernels.DType]float64{kernels.Float32: 1e-6, kernels.Float64: 1e-13}[dt]
			optest.Near(t, name, loss, kernels.Of(dev, []float64{crossEntropyLoop(s, c.target, c.class, c.scale)}, 1), bound)
			exact := optest.As(s, kernels.Float64)
			l64, d64 := optest.Poisoned(dev, kernels.Float64, 1), optest.Poisoned(dev, kernels.Float64, c.n, c.k)
			CrossEntropy(l64, d64, exact, target, class, c.scale)
			optest.Near(t, name, ds, d64, bound)
			CrossEntropy(loss, nil, s, target, class, c.scale)
			optest.Near(t, name+" without gradient", loss, l64, bound)
			if c.k < 100 {
				f := func() float64 { CrossEntropy(l64, nil, exact, target, class, c.scale); return optest.Get(l64, 0) }
				optest.Gradient(t, name, d64, exact, 1e-5, 1e-7, f)
			}
		}
	}
}

// TestCrossEntropyExtremes: probabilities of exactly 0 and 1, scores that are not finite, and a target that is no column.
func TestCrossEntropyExtremes(t *testing.T) {
	dev, inf, nan := kernels.CPU(), math.Inf(1), math.NaN()
	for _, c := range []struct {
		s      []float64
		target int32
		want   float64
	}{
		{[]float64{1e4, -1e4, 0}, 0, 0},
		{[]float64{1e4, -1e4, 0}, 1, 2e4},
		{[]float64{0, -inf, 0}, 0, math.Log(2)},
		{[]float64{0, nan, 0}, 0, nan},
		{[]float64{0, inf, 0}, 0, nan},
		{[]float64{0, 0, 0}, 3, nan},
		{[]float64{0, 0, 0}, -1, nan},
	} {
		for _, dt := range types {
			s := optest.As(kernels.Of(dev, c.s, 1, 3), dt)
			loss, ds := optest.Poisoned(dev, dt, 1), optest.Poisoned(dev, dt, 1, 3)
			CrossEntropy(loss, ds, s, kernels.Of(dev, []int32{c.target}, 1), nil, 1)
			optest.Near(t, fmt.Sprint(dt, c.s, c.target), loss, kernels.Of(dev, []float64{c.want}, 1), 1e-6)
			for j := range 3 {
				if g := optest.Get(ds, j); math.IsNaN(g) != math.IsNaN(c.want) {
					t.Errorf("%v %v: element %d of the gradient is %g", dt, c.s, j, g)
				}
			}
		}
	}
}

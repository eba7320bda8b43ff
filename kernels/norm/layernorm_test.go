package norm

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// layerShapes have no rows, single features, widths around the 16 parts of a sum and the features of published networks, chunks of
// 64 rows and one more, and three axes.
var layerShapes = [][]int{
	{0, 5},
	{1, 1},
	{3, 2},
	{5, 15},
	{4, 16},
	{7, 33},
	{64, 24},
	{65, 96},
	{2, 5, 384},
	{131, 3},
	{3, 1537},
}

// layerCase is one call with everything that it needs.
type layerCase struct {
	x, gamma, beta, y, mean, inv, dy, dx, dgamma, dbeta *kernels.Array
}

func newLayerCase(dt kernels.DType, offset float64, shape ...int) layerCase {
	dev, c := kernels.CPU(), shape[len(shape)-1]
	x := optest.Uniform(dev, dt, 1, offset-2, offset+3, shape...)
	rows := x.Len() / c
	empty := func(s ...int) *kernels.Array { return optest.Poisoned(dev, dt, s...) }
	return layerCase{
		x: x, gamma: optest.Uniform(dev, dt, 2, -1, 2, c), beta: optest.Uniform(dev, dt, 3, -1, 1, c),
		y: empty(shape...), mean: empty(rows), inv: empty(rows),
		dy: optest.Uniform(dev, dt, 4, -1, 1, shape...), dx: empty(shape...), dgamma: empty(c), dbeta: empty(c),
	}
}

func (l layerCase) forward() { LayerNorm(l.y, l.mean, l.inv, l.x, l.gamma, l.beta, eps) }

func (l layerCase) backward() {
	LayerNormBackward(l.dx, l.dgamma, l.dbeta, l.dy, l.x, l.gamma, l.mean, l.inv)
}

// TestLayerNorm: against the plain loop. The mean is off by half a unit of float32 in the last place, and y by as much of
// |mean|/deviation: offset/1.4 times 2^-24; the rest is a few roundings of numbers of at most 4.
func TestLayerNorm(t *testing.T) {
	d := kernels.Data[float64]
	for _, shape := range layerShapes {
		for _, offset := range []float64{0, 100} {
			for _, dt := range types {
				l := newLayerCase(dt, offset, shape...)
				as := func(a *kernels.Array) []float64 { return d(optest.As(a, kernels.Float64)) }
				w := newLayerCase(kernels.Float64, offset, shape...)
				layerNormLoop(d(w.y), d(w.mean), d(w.inv), as(l.x), as(l.gamma), as(l.beta), eps)
				l.forward()
				unit := map[kernels.DType]float64{kernels.Float32: 0x1p-24, kernels.Float64: 1e-15}[dt]
				name := fmt.Sprint(shape, offset, dt)
				bound := (8 + 4*offset) * unit
				if shape[len(shape)-1] < 4 { // features may be so close together that the deviation is below 1/100 of their range
					bound *= 100
				}
				optest.Near(t, name+" mean", l.mean, w.mean, 2*unit)
				optest.Near(t, name+" inverse deviation", l.inv, w.inv, bound)
				optest.Near(t, name, l.y, w.y, bound)
				LayerNorm(l.x, l.mean, l.inv, l.x, l.gamma, l.beta, eps)
				optest.Near(t, name+" in place", l.x, l.y, 0)
			}
		}
	}
}

func TestLayerNormGradient(t *testing.T) {
	for _, shape := range layerShapes {
		l := newLayerCase(kernels.Float64, 0.5, shape...)
		if l.x.Len() > 1000 {
			continue
		}
		f := func() float64 { l.forward(); return optest.Dot(l.dy, l.y) }
		f()
		l.backward()
		name := fmt.Sprint(shape)
		if c := l.gamma.Len(); c > 2 { // that of a single feature is 0, and that of two nearly
			optest.Gradient(t, name+" x", l.dx, l.x, 1e-5, 1e-7, f)
		}
		optest.Gradient(t, name+" gamma", l.dgamma, l.gamma, 1e-3, 1e-9, f)
		optest.Gradient(t, name+" beta", l.dbeta, l.beta, 1e-3, 1e-9, f)
		again := newLayerCase(kernels.Float64, 0.5, shape...)
		again.forward()
		again.dx = again.dy
		again.backward()
		optest.Near(t, name+" in place", again.dx, l.dx, 0)
		optest.Near(t, name+" in place, gamma", again.dgamma, l.dgamma, 0)
		LayerNormBackward(nil, nil, again.dbeta, l.dy, l.x, l.gamma, l.mean, l.inv)
		optest.Near(t, name+" beta alone", again.dbeta, l.dbeta, 0)
	}
}

// TestLayerNormRowsApart: a row has the same bits whatever rows are beside it.
func TestLayerNormRowsApart(t *testing.T) {
	l := newLayerCase(kernels.Float32, 3, 197, 384)
	l.forward()
	for _, i := range []int{0, 42, 196} {
		one := newLayerCase(kernels.Float32, 3, 1, 384)
		LayerNorm(one.y, one.mean, one.inv, l.x.Rows(i, i+1), l.gamma, l.beta, eps)
		optest.Near(t, fmt.Sprint("row ", i), one.y, l.y.Rows(i, i+1), 0)
	}
}

// TestLayerNormVectorLoops: the loops in C and in Go have the same bits, NaN and infinities included.
func TestLayerNormVectorLoops(t *testing.T) {
	if !vector.Available() {
		t.Skip("without the loops in C")
	}
	d := kernels.Data[float32]
	for _, shape := range layerShapes {
		l := newLayerCase(kernels.Float32, 0.5, shape...)
		w := newLayerCase(kernels.Float32, 0.5, shape...)
		if n := l.x.Len(); n == 0 {
			continue
		} else if l.mean.Len() > 3 {
			for i, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				optest.Set(l.x, i*n/3, v)
			}
		}
		layerMoments(d(l.mean), d(l.inv), d(l.x))
		layerMomentsRows(d(w.mean), d(w.inv), d(l.x))
		sameBits(t, fmt.Sprint(shape, " mean"), d(l.mean), d(w.mean))
		sameBits(t, fmt.Sprint(shape, " variance"), d(l.inv), d(w.inv))
		layerAffine(d(l.y), d(l.x), d(l.gamma), d(l.beta), d(l.mean), d(l.inv))
		layerAffineRows(d(w.y), d(l.x), d(l.gamma), d(l.beta), d(l.mean), d(l.inv))
		sameBits(t, fmt.Sprint(shape), d(l.y), d(w.y))
		layerInput(d(l.dx), d(l.dy), d(l.x), d(l.gamma), d(l.mean), d(l.inv))
		layerInputRows(d(w.dx), d(l.dy), d(l.x), d(l.gamma), d(l.mean), d(l.inv))
		sameBits(t, fmt.Sprint(shape, " dx"), d(l.dx), d(w.dx))
		for _, a := range []*kernels.Array{l.dgamma, l.dbeta, w.dgamma, w.dbeta} {
			a.Zero()
		}
		layerSums(d(l.dgamma), d(l.dbeta), d(l.dy), d(l.x), d(l.mean), d(l.inv))
		layerSumsRows(d(w.dgamma), d(w.dbeta), d(l.dy), d(l.x), d(l.mean), d(l.inv))
		sameBits(t, fmt.Sprint(shape, " dgamma"), d(l.dgamma), d(w.dgamma))
		sameBits(t, fmt.Sprint(shape, " dbeta"), d(l.dbeta), d(w.dbeta))
	}
}

// BenchmarkLayerNorm is that of ViT-S at 224 px, 16 images.
func BenchmarkLayerNorm(b *testing.B) {
	l := newLayerCase(kernels.Float32, 0, 16, 197, 384)
	b.Run("forward", func(b *testing.B) {
		for b.Loop() {
			l.forward()
		}
	})
	b.Run("backward", func(b *testing.B) {
		for b.Loop() {
			l.backward()
		}
	})
}

package backbone

import (
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// transformer is a network with every pooling, the class token published.
var transformer = Network{Name: "transformer", Channels: 4, Own: []string{PoolClass, PoolClassMean, PoolHead}, HeadWidth: 3}

// pooling is a recorded pooling of a map [2,3,3,4] and a class token [2,4], in float64.
type pooling struct {
	fmap, class *tape.Param
	pooled      *tape.Var
	dy          *kernels.Array
	program     *tape.Program
}

// newPooling records it, with a gradient dy of the pooled features.
func newPooling(t *testing.T, net Network, last func(*layer.Scope, *tape.Var) *tape.Var) *pooling {
	t.Helper()
	dev, f64 := kernels.CPU(), kernels.Float64
	param := func(seed uint64, shape ...int) *tape.Param {
		return &tape.Param{Name: "x", Value: optest.Uniform(dev, f64, seed, -1, 2, shape...), Grad: dev.New(f64, shape...)}
	}
	p := &pooling{fmap: param(1, 2, 3, 3, 4), class: param(2, 2, 4), dy: optest.Uniform(dev, f64, 3, -1, 1, 2, net.Width())}
	tp := tape.New(dev, f64, true)
	s := layer.NewScope(tp, layer.NewStore(dev, f64, 0))
	out := Output{Map: tp.Param(p.fmap), Class: tp.Param(p.class), Last: last}
	out.Head = func(s *layer.Scope) *tape.Var { return layer.Linear(s, "proj", out.Class, 3) }
	p.pooled = net.pool(s, out)
	arena := tape.NewArena(dev)
	arena.Poison()
	p.program = tp.Compile(arena, pulled(tp, p.pooled, p.dy), p.pooled)
	t.Cleanup(arena.Free)
	return p
}

// values are what the poolings of a map and of a class token are, by the formulas.
func (p *pooling) values(pool string) []float64 {
	x, class := kernels.Data[float64](p.fmap.Value), kernels.Data[float64](p.class.Value)
	mean, largest, cubes := make([]float64, 8), slices.Repeat([]float64{math.Inf(-1)}, 8), make([]float64, 8)
	for i, v := range x {
		at := i/36*4 + i%4
		mean[at] += v / 9
		largest[at] = max(largest[at], v)
		cubes[at] += math.Pow(max(v, 1e-6), 3) / 9
	}
	var out []float64
	for i := range mean {
		switch pool {
		case PoolMean:
			out = append(out, mean[i])
		case PoolMax:
			out = append(out, largest[i])
		case PoolMeanMax:
			out = append(out, mean[i]+largest[i])
		case PoolGeM:
			out = append(out, math.Pow(cubes[i], 1./3))
		}
	}
	switch pool {
	case PoolClass:
		return class
	case PoolClassMean:
		return slices.Concat(class[:4], mean[:4], class[4:], mean[4:])
	}
	return out
}

// TestPoolings: each pooling is its formula, and its gradient that of finite differences.
func TestPoolings(t *testing.T) {
	for _, pool := range transformer.Pools() {
		net, err := transformer.Pooled(pool)
		if err != nil || net.Pooling() != pool {
			t.Fatalf("%s: %q, %v", pool, net.Pooling(), err)
		}
		p := newPooling(t, net, nil)
		p.program.Run()
		if want := p.values(pool); pool != PoolHead { // whose values are of random parameters
			optest.Near(t, pool, p.pooled.Value(), kernels.Wrap(kernels.CPU(), want, 2, net.Width()), 1e-14)
		}
		pulled := func() float64 { p.program.Forward(); return optest.Dot(p.dy, p.pooled.Value()) }
		dmap, dclass := optest.As(p.fmap.Grad, kernels.Float64), optest.As(p.class.Grad, kernels.Float64)
		optest.Gradient(t, pool+", map", dmap, p.fmap.Value, 1e-5, 1e-7, pulled)
		optest.Gradient(t, pool+", class token", dclass, p.class.Value, 1e-5, 1e-7, pulled)
	}
}

// TestLast: what a network does behind its pooling is done behind each.
func TestLast(t *testing.T) {
	for _, pool := range transformer.Pools() {
		net, err := transformer.Pooled(pool)
		if err != nil {
			t.Fatal(err)
		}
		p := newPooling(t, net, layer.L2Normalize)
		p.program.Forward()
		for _, row := range [][]float64{floats(p.pooled.Value())[:net.Width()], floats(p.pooled.Value())[net.Width():]} {
			length := 0.0
			for _, v := range row {
				length += v * v
			}
			if !(math.Abs(length-1) <= 1e-12) {
				t.Errorf("%s: a row of length %g", pool, math.Sqrt(length))
			}
		}
	}
}

// TestPools: names, widths and refusals.
func TestPools(t *testing.T) {
	if got := transformer.Pooling(); got != PoolClass {
		t.Errorf("the published pooling is %q", got)
	}
	if got := squeezeNet.Pooling(); got != PoolMean {
		t.Errorf("SqueezeNet's pooling is %q", got)
	}
	for pool, width := range map[string]int{"": 4, PoolMean: 4, PoolMeanMax: 4, PoolClassMean: 8, PoolHead: 3} {
		if net, err := transformer.Pooled(pool); err != nil || net.Width() != width {
			t.Errorf("%q: width %d, %v, want %d", pool, net.Width(), err, width)
		}
	}
	net := squeezeNet
	net.Own = []string{PoolGeM} // published with one that every map has
	if got := net.Pools(); !slices.Equal(got, []string{PoolGeM, PoolMean, PoolMax, PoolMeanMax}) {
		t.Errorf("poolings %v", got)
	}
	_, err := squeezeNet.Pooled(PoolClass)
	if want := "squeezenet has no pooling of that name; it has mean, max, mean+max, gem"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

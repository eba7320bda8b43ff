package tokens

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// tokensCase is N images of T patch rows and P prefix rows of D features, with positions or without.
type tokensCase struct {
	n, t, p, d     int
	pos, prefixPos bool
}

// tokensCases have no images, no prefix, no patches, positions of either kind alone, and packs of four or not.
var tokensCases = []tokensCase{
	{0, 4, 1, 8, true, true},
	{2, 3, 0, 5, false, false},
	{2, 3, 0, 4, true, false},
	{3, 4, 1, 7, true, true},
	{3, 4, 5, 8, true, true},
	{2, 6, 3, 33, false, true},
	{1, 1, 1, 1, true, false},
	{2, 0, 2, 4, false, true},
	{5, 9, 1, 384, true, true},
	{3, 2, 1, 0, true, true},
}

func (c tokensCase) shapes() (x, prefix, pos, prefixPos, y []int) {
	return []int{c.n, c.t, c.d}, []int{c.p, c.d}, []int{c.t, c.d}, []int{1, c.d}, []int{c.n, c.p + c.t, c.d}
}

// inputs are x, prefix, pos and prefixPos, nil where the case is without.
func (c tokensCase) inputs(dt kernels.DType) (x, prefix, pos, prefixPos *kernels.Array) {
	xs, ps, at, first, _ := c.shapes()
	dev := kernels.CPU()
	x = optest.Uniform(dev, dt, 1, -1, 1, xs...)
	if c.p > 0 {
		prefix = optest.Uniform(dev, dt, 2, -1, 1, ps...)
	}
	if c.pos {
		pos = optest.Uniform(dev, dt, 3, -1, 1, at...)
	}
	if c.prefixPos {
		prefixPos = optest.Uniform(dev, dt, 4, -1, 1, first...)
	}
	return x, prefix, pos, prefixPos
}

// TestTokens: each element by the contract's formula, and the parts taken out again.
func TestTokens(t *testing.T) {
	dev := kernels.CPU()
	get := func(a *kernels.Array, i int) float64 {
		if a == nil {
			return 0
		}
		return optest.Get(a, i)
	}
	for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
		for _, c := range tokensCases {
			x, prefix, pos, first := c.inputs(dt)
			_, _, _, _, shape := c.shapes()
			y, want := optest.Poisoned(dev, dt, shape...), dev.New(dt, shape...)
			for n := range c.n {
				for i := range c.p + c.t {
					for j := range c.d {
						var v float64
						switch {
						case i >= c.p:
							v = get(x, (n*c.t+i-c.p)*c.d+j) + get(pos, (i-c.p)*c.d+j)
						case i == 0:
							v = get(prefix, j) + get(first, j)
						default:
							v = get(prefix, i*c.d+j)
						}
						optest.Set(want, (n*(c.p+c.t)+i)*c.d+j, v)
					}
				}
			}
			Assemble(y, x, prefix, pos, first)
			optest.Near(t, fmt.Sprint(c, dt), y, want, 0)
			Assemble(y, x, prefix, nil, nil)
			back := optest.Poisoned(dev, dt, x.Shape()...)
			Take(back, y, c.p)
			optest.Near(t, fmt.Sprint(c, dt, " taken"), back, x, 0)
		}
	}
}

func TestTokensGradient(t *testing.T) {
	dev, f64 := kernels.CPU(), kernels.Float64
	for _, c := range tokensCases {
		if c.n*c.t*c.d > 1000 || c.n*c.d == 0 {
			continue
		}
		x, prefix, pos, first := c.inputs(f64)
		_, _, _, _, shape := c.shapes()
		y, dy := optest.Poisoned(dev, f64, shape...), optest.Uniform(dev, f64, 5, -1, 1, shape...)
		f := func() float64 { Assemble(y, x, prefix, pos, first); return optest.Dot(dy, y) }
		dx := optest.Poisoned(dev, f64, x.Shape()...)
		Take(dx, dy, c.p)
		optest.Gradient(t, fmt.Sprint(c, " x"), dx, x, 1e-3, 1e-9, f)
		for name, of := range map[string]struct {
			a    *kernels.Array
			from int
		}{"prefix": {prefix, 0}, "pos": {pos, c.p}, "prefix position": {first, 0}} {
			if of.a == nil {
				continue
			}
			sum := optest.Poisoned(dev, f64, of.a.Shape()...)
			SumImages(sum, dy, of.from)
			optest.Gradient(t, fmt.Sprint(c, name), sum, of.a, 1e-3, 1e-9, f)
		}
		checkTake(t, c, y, dy)
	}
	SumImages(nil, nil, 0)
	TakeBackward(nil, nil, 0, true)
}

// checkTake holds TakeBackward against finite differences of Take, and its sums against its plain results.
func checkTake(t *testing.T, c tokensCase, x, old *kernels.Array) {
	t.Helper()
	dev, f64, from := kernels.CPU(), kernels.Float64, (c.p+c.t)/3
	count := c.p + c.t - from - c.t/2
	y, dy := optest.Poisoned(dev, f64, c.n, count, c.d), optest.Uniform(dev, f64, 6, -1, 1, c.n, count, c.d)
	dx := optest.Poisoned(dev, f64, x.Shape()...)
	TakeBackward(dx, dy, from, false)
	optest.Gradient(t, fmt.Sprint(c, " take"), dx, x, 1e-3, 1e-9, func() float64 { Take(y, x, from); return optest.Dot(dy, y) })
	want := optest.As(old, f64)
	for i := range want.Len() {
		optest.Set(want, i, optest.Get(old, i)+optest.Get(dx, i))
	}
	TakeBackward(old, dy, from, true)
	optest.Near(t, fmt.Sprint(c, " take added"), old, want, 0)
}

func TestRefuses(t *testing.T) {
	dev := kernels.CPU()
	of := func(shape ...int) *kernels.Array { return dev.New(kernels.Float32, shape...) }
	x := of(2, 3, 4)
	for name, call := range map[string]func(){
		"rows":               func() { Assemble(of(2, 3, 4), x, of(1, 4), nil, nil) },
		"position alone":     func() { Assemble(of(2, 3, 4), x, nil, nil, of(1, 4)) },
		"positions":          func() { Assemble(of(2, 3, 4), x, nil, of(2, 4), nil) },
		"rows past the end":  func() { Take(of(2, 2, 4), x, 2) },
		"rows before the 1.": func() { TakeBackward(x, of(2, 2, 4), -1, false) },
		"sum past the end":   func() { SumImages(of(2, 4), x, 2) },
	} {
		optest.Refuses(t, "tokens.", name, call)
	}
}

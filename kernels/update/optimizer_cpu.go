package update

import (
	"math"

	"udml-gpu/kernels"
)

func sgd[T kernels.Float](p, g, m *kernels.Array, o SGDOptions, first bool) {
	pd, gd := kernels.Data[T](p), kernels.Data[T](g)
	if o.Momentum == 0 {
		kernels.Tiles(len(pd), tile, func(lo, hi int) {
			sgdPlain(pd[lo:hi], gd[lo:hi], T(o.LR), T(o.WeightDecay))
		})
		return
	}
	md := kernels.Data[T](m)
	keep, take := T(o.Momentum), T(1-o.Dampening)
	if first {
		keep, take = 0, 1
	}
	kernels.Tiles(len(pd), tile, func(lo, hi int) {
		if first {
			clear(md[lo:hi]) // its content before the first step, NaN included, must not count
		}
		sgdMomentum(pd[lo:hi], gd[lo:hi], md[lo:hi], keep, take, o)
	})
}

func sgdPlain[T kernels.Float](p, g []T, lr, decay T) {
	g = g[:len(p)]
	for i, w := range p {
		p[i] = w - lr*(g[i]+decay*w)
	}
}

func sgdMomentum[T kernels.Float](p, g, m []T, keep, take T, o SGDOptions) {
	g, m = g[:len(p)], m[:len(p)]
	lr, decay, ahead := T(o.LR), T(o.WeightDecay), T(o.Momentum)
	for i, w := range p {
		d := g[i] + decay*w
		b := keep*m[i] + take*d
		m[i] = b
		if o.Nesterov {
			b = d + ahead*b
		}
		p[i] = w - lr*b
	}
}

func adamW[T kernels.Float](p, g, m, v *kernels.Array, o AdamWOptions, step int) {
	pd, gd, md, vd := kernels.Data[T](p), kernels.Data[T](g), kernels.Data[T](m), kernels.Data[T](v)
	c := adamFactors[T]{
		shrink: T(1 - o.LR*o.WeightDecay), first: T(1 - o.Beta1), keep: T(o.Beta2), second: T(1 - o.Beta2), eps: T(o.Eps),
		rate:  T(o.LR / (1 - math.Pow(o.Beta1, float64(step)))),
		scale: T(1 / math.Sqrt(1-math.Pow(o.Beta2, float64(step)))),
	}
	if len(pd) <= tile { // most of a network's parameters: no closure for them
		c.update(pd, gd, md, vd)
		return
	}
	c.updateAll(pd, gd, md, vd)
}

// adamFactors are the numbers of one step, the same for every element.
type adamFactors[T kernels.Float] struct {
	shrink, first, keep, second, eps, rate, scale T
}

func (c adamFactors[T]) updateAll(p, g, m, v []T) {
	kernels.Tiles(len(p), tile, func(lo, hi int) { c.update(p[lo:hi], g[lo:hi], m[lo:hi], v[lo:hi]) })
}

func (c *adamFactors[T]) update(p, g, m, v []T) {
	g, m, v = g[:len(p)], m[:len(p)], v[:len(p)]
	for i, w := range p {
		d := g[i]
		a := m[i] + c.first*(d-m[i])
		b := c.keep*v[i] + c.second*d*d
		m[i], v[i] = a, b
		p[i] = w*c.shrink - c.rate*a/(T(math.Sqrt(float64(b)))*c.scale+c.eps)
	}
}

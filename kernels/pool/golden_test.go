package pool_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/pool"
)

// TestGoldens compares with torch.nn.functional.max_pool2d and avg_pool2d (count_include_pad), ceil mode too, and the mean
// over all pixels.
func TestGoldens(t *testing.T) {
	for name, s := range map[string]pool.Spec{
		"k2s2": {Kernel: 2, Stride: 2}, "k2s2ceil": {Kernel: 2, Stride: 2, Ceil: true}, "k3s2": {Kernel: 3, Stride: 2},
		"k3s2ceil": {Kernel: 3, Stride: 2, Ceil: true}, "k3s2p1": {Kernel: 3, Stride: 2, Pad: 1},
		"k3s2p1ceil": {Kernel: 3, Stride: 2, Pad: 1, Ceil: true}, "k3s1p1": {Kernel: 3, Stride: 1, Pad: 1},
		"k2s2p1ceil": {Kernel: 2, Stride: 2, Pad: 1, Ceil: true},
	} {
		golden.Run(t, "pool", "max_"+name, func(c *golden.Case) {
			y, dx := c.Out("y"), c.Out("x")
			at := c.Dev.New(kernels.Uint8, y.Shape()...)
			pool.Max(y, at, c.In("x"), s)
			c.Check("y", y)
			pool.MaxBackward(dx, c.In("dy"), at, s)
			c.Check("dx", dx)
		})
		golden.Run(t, "pool", "avg_"+name, func(c *golden.Case) {
			y, dx := c.Out("y"), c.Out("x")
			pool.Average(y, c.In("x"), s)
			c.Check("y", y)
			pool.AverageBackward(dx, c.In("dy"), s)
			c.Check("dx", dx)
		})
	}
	golden.Run(t, "pool", "global", func(c *golden.Case) {
		y, dx := c.Out("y"), c.Out("x")
		pool.Global(y, c.In("x"))
		c.Check("y", y)
		pool.GlobalBackward(dx, c.In("dy"), false)
		c.Check("dx", dx)
	})
}

// TestGlobalMaxGoldens compares with torch.amax over all pixels.
func TestGlobalMaxGoldens(t *testing.T) {
	golden.Run(t, "pool", "amax", func(c *golden.Case) {
		y, dx := c.Out("y"), c.Out("x")
		at := c.Dev.New(kernels.Int32, y.Shape()...)
		pool.GlobalMax(y, at, c.In("x"))
		c.Check("y", y)
		pool.GlobalMaxBackward(dx, c.In("dy"), at, false)
		c.Check("dx", dx)
	})
}

// TestGeMGoldens compares with torch's clamp, pow, mean and pow.
func TestGeMGoldens(t *testing.T) {
	for name, p := range map[string]pool.Power{"gem": pool.GeM3, "gem_other": {P: 2.5, Least: 0.1}} {
		check := func(p pool.Power) func(c *golden.Case) {
			return func(c *golden.Case) {
				y, dx := c.Out("y"), c.Out("x")
				pool.GeM(y, c.In("x"), p)
				c.Check("y", y)
				pool.GeMBackward(dx, c.In("dy"), c.In("x"), y, p, false)
				c.Check("dx", dx)
			}
		}
		golden.Run(t, "pool", name, check(p))
		golden.Notices(t, "pool", name, "power", check(pool.Power{P: p.P + 0.01, Least: p.Least}))
		golden.Notices(t, "pool", name, "least", check(pool.Power{P: p.P, Least: p.Least + 0.1}))
	}
}

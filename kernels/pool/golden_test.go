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

package depthwise_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/depthwise"
	"udml-gpu/kernels/golden"
)

// TestGoldens compares with torch.nn.functional.conv2d of as many groups as channels.
func TestGoldens(t *testing.T) {
	for name, s := range map[string]depthwise.Spec{
		"3x3": {Stride: 1, PadBefore: 1, PadAfter: 1}, "3x3s2same": {Stride: 2, PadAfter: 1},
		"3x3s2": {Stride: 2, PadBefore: 1, PadAfter: 1}, "5x5": {Stride: 1, PadBefore: 2, PadAfter: 2},
		"5x5s2same": {Stride: 2, PadBefore: 1, PadAfter: 2}, "7x7": {Stride: 1, PadBefore: 3, PadAfter: 3},
		"7x7s2": {Stride: 2, PadBefore: 2, PadAfter: 3}, "small": {Stride: 1, PadBefore: 3, PadAfter: 3},
	} {
		golden.Run(t, "depthwise", name, func(c *golden.Case) {
			x, w, b, dy := c.In("x"), c.In("w"), c.Optional("b"), c.In("dy")
			y, dx, dw, db := c.Out("y"), c.Out("x"), c.Out("w"), c.OutOf("b")
			depthwise.Forward(y, x, w, b, s)
			c.Check("y", y)
			depthwise.BackwardData(dx, dy, w, s, false)
			c.Check("dx", dx)
			depthwise.BackwardWeights(dw, db, x, dy, s)
			c.Check("dw", dw)
			c.Check("db", db)
		})
	}
}

// TestGoldensNotice: the bounds are narrow enough for padding on the wrong side, and for a weight that is a thousandth off.
func TestGoldensNotice(t *testing.T) {
	forward := func(c *golden.Case, w *kernels.Array, s depthwise.Spec) {
		y := c.Out("y")
		depthwise.Forward(y, c.In("x"), w, nil, s)
		c.Check("y", y)
	}
	golden.Notices(t, "depthwise", "3x3s2same", "padding before", func(c *golden.Case) {
		forward(c, c.In("w"), depthwise.Spec{Stride: 2, PadBefore: 1})
	})
	golden.Notices(t, "depthwise", "3x3s2same", "one weight", func(c *golden.Case) {
		w := c.In("w")
		kernels.Data[float32](w)[5] *= 1.001
		forward(c, w, depthwise.Spec{Stride: 2, PadAfter: 1})
	})
}

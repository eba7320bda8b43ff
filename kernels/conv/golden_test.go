package conv_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/conv"
	"udml-gpu/kernels/golden"
)

// TestGoldens compares with torch.nn.functional.conv2d.
func TestGoldens(t *testing.T) {
	cases := map[string]conv.Spec{
		"conv1x1": {Stride: 1}, "conv1x1s2": {Stride: 2}, "conv3x3": {Stride: 1, Pad: 1}, "conv3x3nobias": {Stride: 1, Pad: 1},
		"conv3x3s2": {Stride: 2, Pad: 1}, "conv7x7s2": {Stride: 2}, "conv7x7s2p3nobias": {Stride: 2, Pad: 3},
		"conv3x3s2same": {Stride: 2, Extra: 1},
	}
	for name, spec := range cases {
		golden.Run(t, "conv", name, func(c *golden.Case) {
			x, w, b, dy := c.In("x"), c.In("w"), c.Optional("b"), c.In("dy")
			y, relu, dx, dw, db := c.Out("y"), c.Out("y"), c.Out("x"), c.Out("w"), c.OutOf("b")
			conv.Forward(y, x, w, b, spec)
			c.Check("y", y)
			if c.Has(name + "/relu") {
				fused := spec
				fused.ReLU = true
				conv.Forward(relu, x, w, b, fused)
				c.Check("relu", relu)
			}
			conv.BackwardData(dx, dy, w, spec, false)
			c.Check("dx", dx)
			conv.BackwardWeights(dw, db, x, dy, nil, spec)
			c.Check("dw", dw)
			c.Check("db", db)
		})
	}
}

// TestGoldensNotice: the bounds are narrow enough for a bias that is left out, and for a weight that is a thousandth off.
func TestGoldensNotice(t *testing.T) {
	forward := func(c *golden.Case, w, b *kernels.Array) {
		y := c.Out("y")
		conv.Forward(y, c.In("x"), w, b, conv.Spec{Stride: 1, Pad: 1})
		c.Check("y", y)
	}
	golden.Notices(t, "conv", "conv3x3", "no bias", func(c *golden.Case) { forward(c, c.In("w"), nil) })
	golden.Notices(t, "conv", "conv3x3", "one weight", func(c *golden.Case) {
		w := c.In("w")
		kernels.Data[float32](w)[5] *= 1.001
		forward(c, w, c.In("b"))
	})
}

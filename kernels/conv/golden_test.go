package conv_test

import (
	"testing"

	"udml-gpu/kernels/conv"
	"udml-gpu/kernels/golden"
)

// TestGoldens compares with torch.nn.functional.conv2d. float32: sums of up to 150 products, which wander by
// about sqrt(150) half units in the last place of the largest, 7e-7.
func TestGoldens(t *testing.T) {
	cases := map[string]conv.Spec{
		"conv1x1": {Stride: 1}, "conv1x1s2": {Stride: 2}, "conv3x3": {Stride: 1, Pad: 1}, "conv3x3nobias": {Stride: 1, Pad: 1},
		"conv3x3s2": {Stride: 2, Pad: 1}, "conv7x7s2": {Stride: 2}, "conv7x7s2p3nobias": {Stride: 2, Pad: 3},
	}
	for name, spec := range cases {
		golden.Run(t, "conv", name, 1e-6, func(c *golden.Case) {
			x, w, b, dy := c.In("x"), c.In("w"), c.Optional("b"), c.In("dy")
			y, relu, dx, dw, db := c.Out("y"), c.Out("y"), c.Out("x"), c.Out("w"), c.OutOf("b")
			conv.Forward(y, x, w, b, spec)
			c.Check("y", y)
			fused := spec
			fused.ReLU = true
			conv.Forward(relu, x, w, b, fused)
			c.Check("relu", relu)
			conv.BackwardData(dx, dy, w, spec, false)
			c.Check("dx", dx)
			conv.BackwardWeights(dw, db, x, dy, nil, spec)
			c.Check("dw", dw)
			c.Check("db", db)
		})
	}
}

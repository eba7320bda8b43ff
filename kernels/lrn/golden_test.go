package lrn_test

import (
	"testing"

	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/lrn"
)

// TestGoldens compares with torch.nn.functional.local_response_norm.
func TestGoldens(t *testing.T) {
	for name, s := range map[string]lrn.Spec{
		"caffe": {Size: 5, Alpha: 1e-4, Beta: 0.75, K: 1}, "strong": {Size: 5, Alpha: 2, Beta: 0.75, K: 0.5},
		"other":  {Size: 3, Alpha: 0.5, Beta: 1.25, K: 2},
		"narrow": {Size: 9, Alpha: 1, Beta: 0.75, K: 1},
	} {
		golden.Run(t, "lrn", name, func(c *golden.Case) {
			x, y, dx := c.In("x"), c.Out("y"), c.Out("x")
			lrn.Forward(y, x, s)
			c.Check("y", y)
			lrn.Backward(dx, c.In("dy"), x, s)
			c.Check("dx", dx)
		})
	}
}

// TestGoldensNotice: the bounds are narrow enough for an alpha that is a hundredth off, and for one that is not divided by the window's
// size.
func TestGoldensNotice(t *testing.T) {
	for fault, alpha := range map[string]float64{"alpha": 1.01e-4, "alpha of the window": 5e-4} {
		golden.Notices(t, "lrn", "caffe", fault, func(c *golden.Case) {
			y := c.Out("y")
			lrn.Forward(y, c.In("x"), lrn.Spec{Size: 5, Alpha: alpha, Beta: 0.75, K: 1})
			c.Check("y", y)
		})
	}
}

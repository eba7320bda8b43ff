package lrn_test

import (
	"testing"

	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/lrn"
)

// TestGoldens compares with torch.nn.functional.local_response_norm. float32: the contract's (Size + 8) and (3 Size + 16)
// roundings, of which few go the same way.
func TestGoldens(t *testing.T) {
	for name, s := range map[string]lrn.Spec{
		"caffe": {Size: 5, Alpha: 1e-4, Beta: 0.75, K: 1}, "strong": {Size: 5, Alpha: 2, Beta: 0.75, K: 0.5}, "other": {Size: 3, Alpha: 0.5, Beta: 1.25, K: 2},
		"narrow": {Size: 9, Alpha: 1, Beta: 0.75, K: 1},
	} {
		golden.Run(t, "lrn", name, 1e-6, func(c *golden.Case) {
			x, y, dx := c.In("x"), c.Out("y"), c.Out("x")
			lrn.Forward(y, x, s)
			c.Check("y", y)
			lrn.Backward(dx, c.In("dy"), x, s)
			c.Check("dx", dx)
		})
	}
}

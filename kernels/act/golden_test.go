package act_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/act"
	"udml-gpu/kernels/golden"
)

// TestGoldens compares with torch. float32: a few roundings each; the logits of the "large" cases reach 1000, whose
// rounding the exponential turns into a relative error of up to 3e-5.
func TestGoldens(t *testing.T) {
	golden.Run(t, "act", "relu", 1e-7, func(c *golden.Case) { unary(c, act.ReLU, act.ReLUBackward) })
	golden.Run(t, "act", "sigmoid", 3e-7, func(c *golden.Case) { unary(c, act.Sigmoid, act.SigmoidBackward) })
	golden.Run(t, "act", "softmax", 5e-7, func(c *golden.Case) { unary(c, act.Softmax, act.SoftmaxBackward) })
	golden.Run(t, "act", "softmaxlarge", 3e-5, func(c *golden.Case) {
		if c.DType == kernels.Float64 {
			unary(c, act.Softmax, act.SoftmaxBackward)
			return
		}
		y := c.Out("y") // y is all but 1 here, and dx, through 1-y, is what float32 cannot hold of it
		act.Softmax(y, c.In("x"))
		c.Check("y", y)
	})
	for name, bound := range map[string]float64{"": 5e-7, "large": 3e-5} {
		golden.Run(t, "act", "logsumexp"+name, bound, func(c *golden.Case) {
			x, y, dx := c.In("x"), c.Out("y"), c.Out("x")
			act.LogSumExp(y, x)
			c.Check("y", y)
			act.LogSumExpBackward(dx, c.In("dy"), x, y)
			c.Check("dx", dx)
		})
	}
	golden.Run(t, "act", "dropout", 2e-7, func(c *golden.Case) {
		mask, y, dx := c.Mask("mask"), c.Out("y"), c.Out("x")
		act.Dropout(y, c.In("x"), mask, 0.6)
		c.Check("y", y)
		act.DropoutBackward(dx, c.In("dy"), mask, 0.6)
		c.Check("dx", dx)
	})
}

func unary(c *golden.Case, forward func(y, x *kernels.Array), backward func(dx, dy, y *kernels.Array)) {
	y, dx := c.Out("y"), c.Out("x")
	forward(y, c.In("x"))
	c.Check("y", y)
	backward(dx, c.In("dy"), y)
	c.Check("dx", dx)
}

package act_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/act"
	"udml-gpu/kernels/golden"
)

// TestGoldens compares with torch.
func TestGoldens(t *testing.T) {
	golden.Run(t, "act", "relu", func(c *golden.Case) { unary(c, act.ReLU, act.ReLUBackward) })
	golden.Run(t, "act", "sigmoid", func(c *golden.Case) { unary(c, act.Sigmoid, act.SigmoidBackward) })
	golden.Run(t, "act", "softmax", func(c *golden.Case) { unary(c, act.Softmax, act.SoftmaxBackward) })
	golden.Run(t, "act", "softmaxlarge", func(c *golden.Case) {
		if c.DType == kernels.Float64 {
			unary(c, act.Softmax, act.SoftmaxBackward)
			return
		}
		y := c.Out("y") // y is nearly 1 here, and dx, through 1-y, depends on digits that float32 does not have
		act.Softmax(y, c.In("x"))
		c.Check("y", y)
	})
	for _, name := range []string{"", "large"} {
		golden.Run(t, "act", "logsumexp"+name, func(c *golden.Case) {
			x, y, dx := c.In("x"), c.Out("y"), c.Out("x")
			act.LogSumExp(y, x)
			c.Check("y", y)
			act.LogSumExpBackward(dx, c.In("dy"), x, y)
			c.Check("dx", dx)
		})
	}
	golden.Run(t, "act", "dropout", func(c *golden.Case) {
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

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
	golden.Run(t, "act", "relu6", func(c *golden.Case) { unary(c, act.ReLU6, act.ReLU6Backward) })
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
	golden.Run(t, "act", "drop_path", func(c *golden.Case) { dropPath(c, 0.3) })
	golden.Notices(t, "act", "drop_path", "another probability", func(c *golden.Case) { dropPath(c, 0.3001) })
}

// TestGoldensOfGates compares GELU and SwiGLU with torch, whose gradients are functions of x.
func TestGoldensOfGates(t *testing.T) {
	for name, kind := range map[string]act.GELUKind{"erf": act.GELUErf, "tanh": act.GELUTanh, "quick": act.GELUQuick} {
		golden.Run(t, "act", "gelu_"+name, func(c *golden.Case) { gelu(c, kind) })
	}
	golden.Run(t, "act", "swiglu", func(c *golden.Case) {
		gate, up, y, dgate, dup := c.In("gate"), c.In("up"), c.Out("y"), c.Out("gate"), c.Out("up")
		act.SwiGLU(y, gate, up)
		c.Check("y", y)
		act.SwiGLUBackward(dgate, dup, c.In("dy"), gate, up)
		c.Check("dgate", dgate)
		c.Check("dup", dup)
	})
	golden.Notices(t, "act", "gelu_erf", "the form by tanh", func(c *golden.Case) { gelu(c, act.GELUTanh) })
	golden.Notices(t, "act", "gelu_tanh", "the exact form", func(c *golden.Case) { gelu(c, act.GELUErf) })
}

func gelu(c *golden.Case, kind act.GELUKind) {
	x, y, dx := c.In("x"), c.Out("y"), c.Out("x")
	act.GELU(y, x, kind)
	c.Check("y", y)
	act.GELUBackward(dx, c.In("dy"), x, kind)
	c.Check("dx", dx)
}

func unary(c *golden.Case, forward func(y, x *kernels.Array), backward func(dx, dy, y *kernels.Array)) {
	y, dx := c.Out("y"), c.Out("x")
	forward(y, c.In("x"))
	c.Check("y", y)
	backward(dx, c.In("dy"), y)
	c.Check("dx", dx)
}

func dropPath(c *golden.Case, p float64) {
	keep, y, dx := c.Mask("mask"), c.Out("y"), c.Out("x")
	act.DropPath(y, c.In("x"), keep, p)
	c.Check("y", y)
	act.DropPathBackward(dx, c.In("dy"), keep, p)
	c.Check("dx", dx)
}

package gemm_test

import (
	"testing"

	"udml-gpu/kernels/gemm"
	"udml-gpu/kernels/golden"
)

// TestGoldens compares with torch.nn.functional.linear.
func TestGoldens(t *testing.T) {
	for _, name := range []string{"linear", "linearnobias"} {
		golden.Run(t, "gemm", name, func(c *golden.Case) {
			x, w, b, dy := c.In("x"), c.In("w"), c.Optional("b"), c.In("dy")
			y, dx, dw, db := c.Out("y"), c.Out("x"), c.Out("w"), c.OutOf("b")
			gemm.Linear(y, x, w, b)
			c.Check("y", y)
			gemm.LinearBackward(dx, dw, db, dy, x, w)
			c.Check("dx", dx)
			c.Check("dw", dw)
			c.Check("db", db)
		})
	}
}

// TestGoldensTokens compares with torch.nn.functional.linear on images of tokens.
func TestGoldensTokens(t *testing.T) {
	golden.Run(t, "gemm", "tokens", func(c *golden.Case) {
		x, w, y := c.In("x"), c.In("w"), c.Out("y")
		gemm.LinearTokens(y, x, w, c.In("b"))
		c.Check("y", y)
	})
}

// TestGoldensNotice: the bounds are narrow enough for a bias that is left out.
func TestGoldensNotice(t *testing.T) {
	golden.Notices(t, "gemm", "linear", "no bias", func(c *golden.Case) {
		y := c.Out("y")
		gemm.Linear(y, c.In("x"), c.In("w"), nil)
		c.Check("y", y)
	})
}

package tokens_test

import (
	"testing"

	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/tokens"
)

// TestGoldens compares with torch: cat of expanded parameters and patches, with positions added to the class row and the patches.
func TestGoldens(t *testing.T) {
	golden.Run(t, "tokens", "assemble", func(c *golden.Case) {
		x, prefix, pos, first, dy := c.In("x"), c.In("prefix"), c.In("pos"), c.In("first"), c.In("dy")
		y, dx, dprefix, dpos, dfirst := c.Out("y"), c.Out("x"), c.Out("prefix"), c.Out("pos"), c.Out("first")
		tokens.Assemble(y, x, prefix, pos, first)
		c.Check("y", y)
		p := prefix.Dim(0)
		tokens.Take(dx, dy, p)
		c.Check("dx", dx)
		tokens.SumImages(dprefix, dy, 0)
		c.Check("dprefix", dprefix)
		tokens.SumImages(dpos, dy, p)
		c.Check("dpos", dpos)
		tokens.SumImages(dfirst, dy, 0)
		c.Check("dfirst", dfirst)
	})
}

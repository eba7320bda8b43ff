package resize_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/resize"
)

// TestGoldens compares with torch.nn.functional.interpolate, nearest by 2 and bilinear with align_corners=False.
func TestGoldens(t *testing.T) {
	golden.Run(t, "resize", "upsample2", func(c *golden.Case) { resized(c, resize.Upsample2, resize.Upsample2Backward) })
	for _, name := range []string{"up", "down", "double", "mixed", "same"} {
		golden.Run(t, "resize", "bilinear_"+name, func(c *golden.Case) { resized(c, resize.Bilinear, resize.BilinearBackward) })
	}
}

func resized(c *golden.Case, forward func(y, x *kernels.Array), backward func(dx, dy *kernels.Array)) {
	y, dx := c.Out("y"), c.Out("x")
	forward(y, c.In("x"))
	c.Check("y", y)
	backward(dx, c.In("dy"))
	c.Check("dx", dx)
}

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

// TestGoldensBicubic compares with torch.nn.functional.interpolate as each kind calls it, down and up.
func TestGoldensBicubic(t *testing.T) {
	for name, kind := range map[string]resize.BicubicKind{"hf": resize.BicubicHF, "timm": resize.BicubicTIMM, "hub": resize.BicubicHub} {
		for _, grid := range []string{"dino", "vit", "up", "down"} {
			golden.Run(t, "resize", "bicubic_"+grid+"_"+name, func(c *golden.Case) { bicubic(c, kind) })
		}
	}
	golden.Notices(t, "resize", "bicubic_dino_hf", "the hub's scale factor", func(c *golden.Case) { bicubic(c, resize.BicubicHub) })
	golden.Notices(t, "resize", "bicubic_up_timm", "the sharper kernel", func(c *golden.Case) { bicubic(c, resize.BicubicHF) })
}

func bicubic(c *golden.Case, kind resize.BicubicKind) {
	resized(c,
		func(y, x *kernels.Array) { resize.Bicubic(y, x, kind) },
		func(dx, dy *kernels.Array) { resize.BicubicBackward(dx, dy, kind) })
}

func resized(c *golden.Case, forward func(y, x *kernels.Array), backward func(dx, dy *kernels.Array)) {
	y, dx := c.Out("y"), c.Out("x")
	forward(y, c.In("x"))
	c.Check("y", y)
	backward(dx, c.In("dy"))
	c.Check("dx", dx)
}

package loss_test

import (
	"testing"

	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/loss"
)

// TestGoldens compares with the formulas of the design, differentiated by torch in float64. rim is computed in float64 from the
// float32 logits and rounded, independent of the error of float32.
func TestGoldens(t *testing.T) {
	for _, name := range []string{"rim", "rim_mu", "rim_confident", "rim_k2"} {
		golden.Run(t, "loss", name, func(c *golden.Case) {
			l, terms, dlogits := c.Out("loss"), c.Out("terms"), c.Out("logits")
			loss.Rim(l, terms, dlogits, c.In("logits"), c.Number("mu"))
			c.CheckRounded("loss", l)
			c.CheckRounded("terms", terms)
			c.CheckRounded("dlogits", dlogits)
		})
	}
	for _, name := range []string{"metric", "metric_single", "metric_full", "metric_alpha", "metric_sharp"} {
		golden.Run(t, "loss", name, func(c *golden.Case) {
			l, df := c.Out("loss"), c.Out("f")
			loss.Metric(l, df, c.In("f"), c.In("c"), c.Int32("slot"), c.Int32("count"), c.Number("t"), c.Number("alpha"))
			c.Check("loss", l)
			c.Check("df", df)
		})
	}
	for _, name := range []string{"instance", "instance_near", "instance_alpha", "instance_two", "instance_sharp", "instance_confused"} {
		golden.Run(t, "loss", name, func(c *golden.Case) {
			l, dz := c.Out("loss"), c.Out("z")
			loss.Instance(l, dz, c.In("z"), c.In("z"), c.Number("t"), c.Number("alpha"))
			c.Check("loss", l)
			c.Check("dz", dz)
		})
	}
	for _, name := range []string{"reconstruction", "reconstruction_single"} {
		golden.Run(t, "loss", name, func(c *golden.Case) {
			l, dd := c.Out("loss"), c.Out("d")
			loss.Reconstruction(l, dd, c.In("d"), c.In("target"), c.Int32("slot"), c.Int32("count"))
			c.Check("loss", l)
			c.Check("dd", dd)
		})
	}
}

// TestGoldensNotice: the bounds are narrow enough for a temperature and an alpha that are a hundredth off.
func TestGoldensNotice(t *testing.T) {
	for fault, by := range map[string][2]float64{"temperature": {1.01, 1}, "alpha": {1, 1.01}} {
		golden.Notices(t, "loss", "metric_alpha", fault, func(c *golden.Case) {
			l, df := c.Out("loss"), c.Out("f")
			loss.Metric(l, df, c.In("f"), c.In("c"), c.Int32("slot"), c.Int32("count"), by[0]*c.Number("t"), by[1]*c.Number("alpha"))
			c.Check("df", df)
		})
		golden.Notices(t, "loss", "instance_alpha", fault, func(c *golden.Case) {
			l, dz := c.Out("loss"), c.Out("z")
			loss.Instance(l, dz, c.In("z"), c.In("z"), by[0]*c.Number("t"), by[1]*c.Number("alpha"))
			c.Check("dz", dz)
		})
	}
}

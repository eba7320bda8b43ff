package loss_test

import (
	"testing"

	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/loss"
)

// TestGoldens compares with the formulas of the design, differentiated by torch in float64. float32: inputs are exact; rim is
// computed in float64 and rounded. In the metric loss the similarities are float32 sums over 12 products divided by t, and
// what they are off by, the gradient's exponentials are off by, relatively.
func TestGoldens(t *testing.T) {
	for _, name := range []string{"rim", "rim_mu", "rim_confident", "rim_k2"} {
		golden.Run(t, "loss", name, 2e-7, func(c *golden.Case) {
			l, terms, dlogits := c.Out("loss"), c.Out("terms"), c.Out("logits")
			loss.Rim(l, terms, dlogits, c.In("logits"), c.Number("mu"))
			c.Check("loss", l)
			c.Check("terms", terms)
			c.Check("dlogits", dlogits)
		})
	}
	for name, bound := range map[string]float64{
		"metric": 2e-6, "metric_single": 2e-6, "metric_full": 2e-6, "metric_alpha": 1e-6, "metric_sharp": 1e-5,
	} {
		golden.Run(t, "loss", name, bound, func(c *golden.Case) {
			l, df := c.Out("loss"), c.Out("f")
			loss.Metric(l, df, c.In("f"), c.In("c"), c.Int32("slot"), c.Int32("count"), c.Number("t"), c.Number("alpha"))
			c.Check("loss", l)
			c.Check("df", df)
		})
	}
	for _, name := range []string{"reconstruction", "reconstruction_single"} {
		golden.Run(t, "loss", name, 3e-7, func(c *golden.Case) {
			l, dd := c.Out("loss"), c.Out("d")
			loss.Reconstruction(l, dd, c.In("d"), c.In("target"), c.Int32("slot"), c.Int32("count"))
			c.Check("loss", l)
			c.Check("dd", dd)
		})
	}
}

package distance_test

import (
	"testing"

	"udml-gpu/kernels/distance"
	"udml-gpu/kernels/golden"
)

// TestGoldens compares with torch; rows 0 of x and y are equal, rows 1 nearly so.
func TestGoldens(t *testing.T) {
	golden.Run(t, "distance", "pairwise", func(c *golden.Case) {
		for name, m := range map[string]distance.Metric{
			"squared_l2": distance.SquaredL2, "cosine": distance.Cosine, "inner": distance.InnerProduct,
		} {
			dst := c.Out(name)
			distance.Pairwise(dst, c.In("x"), c.In("y"), m)
			c.Check(name, dst)
		}
	})
}

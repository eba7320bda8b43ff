package distance_test

import (
	"testing"

	"udml-gpu/kernels/distance"
	"udml-gpu/kernels/golden"
)

// TestGoldens compares with torch; rows 0 of x and y are equal, rows 1 nearly so. float32: sums of 12 products, of the size of
// the norms even where the distance is smaller.
func TestGoldens(t *testing.T) {
	golden.Run(t, "distance", "pairwise", 3e-7, func(c *golden.Case) {
		for name, m := range map[string]distance.Metric{
			"squared_l2": distance.SquaredL2, "cosine": distance.Cosine, "inner": distance.InnerProduct,
		} {
			dst := c.Out(name)
			distance.Pairwise(dst, c.In("x"), c.In("y"), m)
			c.Check(name, dst)
		}
	})
}

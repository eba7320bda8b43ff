package cluster_test

import (
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/cluster"
	"udml-gpu/kernels/golden"
)

// TestGoldens compares the slots with torch's argmax and unique.
func TestGoldens(t *testing.T) {
	golden.Run(t, "loss", "labels", func(c *golden.Case) {
		slot, count := c.Int32("slot"), c.Int32("count")
		gotSlot, gotCount := c.Dev.New(kernels.Int32, slot.Len()), c.Dev.New(kernels.Int32, count.Len())
		cluster.PseudoLabels(gotSlot, gotCount, c.In("logits"))
		for name, pair := range map[string][2]*kernels.Array{"slot": {gotSlot, slot}, "count": {gotCount, count}} {
			if got, want := kernels.Read[int32](pair[0]), kernels.Read[int32](pair[1]); !slices.Equal(got, want) {
				t.Errorf("%s is %v, want %v", name, got, want)
			}
		}
	})
}

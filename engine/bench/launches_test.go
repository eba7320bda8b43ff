package bench

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// launchesOf counts what a step of a backbone asks of a GPU, with the method's defaults otherwise, in its third step.
func launchesOf(t *testing.T, backbone string, size int) map[string]int {
	t.Helper()
	c := setting.Defaults()
	c.Backbone, c.Size, c.Batch, c.Pretrained, c.Device = backbone, size, 2, "false", "cuda"
	if err := c.Resolve(); err != nil {
		t.Fatal(err)
	}
	l, s := bareGPU(t, c)
	return l.Network.Device.Count(func() { l.Learn(s) })
}

// table is counts as lines, the most frequent first.
func table(counts map[string]int) string {
	names := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(names, func(a, b string) int { return counts[b] - counts[a] })
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, "%6d  %s\n", counts[n], n)
	}
	return b.String()
}

// TestGPULaunches holds the number of launches of a training step.
func TestGPULaunches(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		for _, k := range []struct {
			backbone    string
			size, limit int
		}{{"googlenet", 32, 609}, {"squeezenet", 32, 281}, {"resnet50", 32, 549}} {
			counts := launchesOf(t, k.backbone, k.size)
			t.Logf("%s: %d\n%s", k.backbone, kernels.CountAll(counts), table(counts))
			if n := kernels.CountAll(counts); n > k.limit {
				t.Errorf("a step of %s has %d launches, want at most %d", k.backbone, n, k.limit)
			}
		}
	})
}

package bench

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/setting"
	"udml-gpu/engine/train"
	"udml-gpu/kernels"
	"udml-gpu/kernels/conv"
	"udml-gpu/kernels/parity"
)

// launchesOf counts what a step of a backbone asks of a GPU, with the method's defaults; after a first one where libraries must be asked
// for their plans. The images are black, which changes nothing.
func launchesOf(t *testing.T, backbone string, p kernels.Precision) map[string]int {
	t.Helper()
	dev, err := kernels.CUDA(0, p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(dev.Close)
	c := setting.Defaults()
	c.Backbone, c.Size, c.Batch, c.Pretrained, c.Device = backbone, 32, 2, "false", "cuda"
	if err := c.Resolve(); err != nil {
		t.Fatal(err)
	}
	l, err := train.BareLearner(c, dev)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Free()
	s := l.StepFor(c.Batch)
	if name, _ := conv.BackendOf(l.Network.Device); name != "own kernels" {
		l.Learn(s)
	}
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

// TestGPULaunches holds the number of launches of a training step, of which each costs the host some microseconds, and on the GPU a gap.
// go test -v prints how often each kernel is launched. A call of cuDNN or cuBLASLt, where they are, counts as one launch. The limits hold
// with and without them: ResNet-50 has 553 without, and with their stand-ins 602, since cuDNN's gradients of filters are widened, a launch
// each; ViT-S/16 609 and 612. Both are counted in bfloat16, which takes the emulated GPU a quarter of the time of float32, where ResNet-50
// had 549 without libraries, and ViT-S/16 603 without and 605 with them, on an H200 (cuDNN 9.19, cuBLASLt 13.1) too: a launch each writes
// the bias of 39 more linear layers (gemm_fill_rows), to which cuBLASLt adds the product, and one adds what cuDNN leaves of a convolution
// (conv_finish_quads), while 38 products of our own that are split along their sums are not joined (gemm_add_parts).
func TestGPULaunches(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		for _, k := range []struct {
			backbone  string
			precision kernels.Precision
			most      int
		}{
			{"googlenet", kernels.FP32, 350},
			{"googlenet", kernels.BF16, 350},
			{"squeezenet", kernels.FP32, 302},
			{"resnet50", kernels.BF16, 602},
			{"vit_small_patch16", kernels.BF16, 612},
		} {
			t.Run(fmt.Sprint(k.backbone, " ", k.precision), func(t *testing.T) {
				counts := launchesOf(t, k.backbone, k.precision)
				n := kernels.CountAll(counts)
				t.Logf("%d launches\n%s", n, table(counts))
				if n > k.most || n < k.most/2 {
					t.Errorf("a step of %s has %d launches, want at most %d", k.backbone, n, k.most)
				}
			})
		}
	})
}

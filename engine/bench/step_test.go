package bench

import (
	"math"
	"testing"

	"udml-gpu/engine/setting"
	"udml-gpu/engine/train"
	"udml-gpu/kernels"
)

// stepCases are the steps that are measured: the two networks of the benchmarks, with and without the decoder.
var stepCases = []struct {
	name, backbone, method string
	size, channels         int
}{
	{"conv4", "conv4", "cbs", 32, 1},
	{"squeezenet", "squeezenet", "cbs", 80, 3},
	{"conv4-decoder", "conv4", "cbswr", 32, 1},
	{"squeezenet-decoder", "squeezenet", "cbswr", 80, 3},
}

// bareStep is warmed for case c, on batches of that many images.
func bareStep(tb testing.TB, c, batch int) (*train.Learner, *train.Step) {
	tb.Helper()
	cfg, k := setting.Defaults(), stepCases[c]
	cfg.Backbone, cfg.Size, cfg.Channels, cfg.Method = k.backbone, k.size, k.channels, k.method
	cfg.Batch = batch
	if err := cfg.Resolve(); err != nil {
		tb.Fatal(err)
	}
	return warmed(tb, cfg, kernels.CPU())
}

// warmed is a learner without data and its step on random images, run twice so that all memory is allocated.
func warmed(tb testing.TB, c setting.Config, dev *kernels.Device) (*train.Learner, *train.Step) {
	tb.Helper()
	l, err := train.BareLearner(c, dev)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(l.Free)
	s := l.StepFor(c.Batch)
	noise(s.Images[0], 1)
	for range 2 {
		l.Learn(s)
	}
	return l, s
}

// BenchmarkStep is a training step on random images; profile it with -cpuprofile.
func BenchmarkStep(b *testing.B) {
	for c, k := range stepCases {
		b.Run(k.name, func(b *testing.B) {
			t, s := bareStep(b, c, 64)
			b.ReportAllocs()
			for b.Loop() {
				t.Learn(s)
			}
		})
	}
}

// TestStepAllocatesNoArrays: a replayed step allocates closures and other small things but no arrays. In any one step a
// core may allocate its work buffer for the first time, so the least of three steps counts.
func TestStepAllocatesNoArrays(t *testing.T) {
	const limit = 64 << 10
	for c, k := range stepCases {
		t.Run(k.name, func(t *testing.T) {
			if testing.Short() && k.size > 32 {
				t.Skip("takes seconds")
			}
			trainer, s := bareStep(t, c, 16)
			least := int64(math.MaxInt64)
			for range 3 {
				least = min(least, allocated(func() { trainer.Learn(s) }))
			}
			t.Logf("%d bytes", least)
			if least > limit {
				t.Errorf("a step allocates %d bytes, want at most %d", least, limit)
			}
		})
	}
}

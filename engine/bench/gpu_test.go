package bench

import (
	"bytes"
	"math"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/cgo/cuda"
	"udml-gpu/engine/images"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/optim"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/train"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// openedGPU is a device that is closed when the test ends.
func openedGPU(t *testing.T) *kernels.Device {
	t.Helper()
	dev, err := kernels.CUDA(0, kernels.FP32)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(dev.Close)
	return dev
}

// bareGPU is warmed on a GPU.
func bareGPU(t *testing.T, c setting.Config) (*train.Learner, *train.Step) {
	t.Helper()
	return warmed(t, c, openedGPU(t))
}

// trainedBytes are all parameters and running statistics.
func trainedBytes(t *testing.T, tr *train.Learner) []byte {
	t.Helper()
	var all []byte
	for _, p := range tr.Network.Store.Params() {
		all = append(all, kernels.Read[uint8](p.Value.Carve(kernels.Uint8, 0, p.Value.Bytes()))...)
	}
	if err := machine.Fault(tr.Network.Device); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestGPUStepAsGraph: launching the captured step gives the same parameters as running the step, bit for bit, with each optimiser and a
// rate that changes from step to step.
func TestGPUStepAsGraph(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		parity.Graphs(t)
		for _, name := range optim.Names() {
			c := drawings(t, func(c *setting.Config) { c.Optimizer, c.Batch, c.Warmup, c.Device = name, 2, 9, "cuda" })
			one, s := bareGPU(t, c)
			two, again := bareGPU(t, c)
			two.Replay(true)
			before := trainedBytes(t, two)
			for range 3 {
				one.Learn(s)
				two.Learn(again)
			}
			if yes, why := two.Replays(again); !yes {
				t.Fatalf("%s: no graph: %s", name, why)
			}
			after := trainedBytes(t, two)
			if bytes.Equal(before, after) {
				t.Errorf("%s: the graph trained nothing", name)
			}
			if !bytes.Equal(trainedBytes(t, one), after) {
				t.Errorf("%s: the graph leaves other parameters than the step", name)
			}
		}
	})
}

// TestGPUBenchStep: a step and its graph are both timed.
func TestGPUBenchStep(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		c := drawings(t, func(c *setting.Config) { c.Batch, c.Method, c.Device = 2, "cbs", "cuda" })
		r, err := TrainingStep(c, 1, images.UI{Log: zerolog.Nop()})
		if err != nil {
			t.Fatal(err)
		}
		if r.Launches < 40 || r.Launches > 120 || !(r.SecondsPerStep > 0 && r.GraphStep > 0 && r.OfGraph > 0) ||
			r.DeviceBytes <= int64(r.ArenaBytes) || r.Device == "" {
			t.Errorf("%+v, %+v", r, r.GraphBench)
		}
	})
}

// TestGPUBenchKernels: every kernel that is measured runs and takes time. The program's test runs them in bf16.
func TestGPUBenchKernels(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		for _, p := range []kernels.Precision{kernels.FP32, kernels.TF32} {
			c := drawings(t, func(c *setting.Config) { c.Device, c.Precision = "cuda", p.String() })
			r, err := Kernels(c, 0.0001, images.UI{Log: zerolog.Nop()})
			if err != nil {
				t.Fatal(err)
			}
			if len(r.GPU.Kernels) != 39 || r.GPU.Precision != p.String() {
				t.Errorf("%d kernels in %s", len(r.GPU.Kernels), r.GPU.Precision)
			}
			for _, k := range r.GPU.Kernels {
				if !(k.Seconds > 0) || !(k.GBytes > 0) || !(k.OfRoof > 0) || k.BoundBy == "" {
					t.Errorf("%+v", k)
				}
			}
		}
	})
}

// TestGPUProbe: the probe knows the card, measures its ceilings, which none of what sets them exceeds, and says of each kernel of search
// and clustering what it launches.
func TestGPUProbe(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		c := drawings(t, func(c *setting.Config) { c.Device, c.Precision = "cuda", "bf16" })
		r, err := Probe(c, 0.0001, images.UI{Log: zerolog.Nop()})
		if err != nil {
			t.Fatal(err)
		}
		if i := dev.Info(); r.Card.Multiprocessors != i.Multiprocessors || r.Card.L2Bytes <= 0 ||
			r.Card.SharedBytes < r.Card.SharedPerBlock ||
			r.Card.Registers < 1<<15 || r.Card.Threads < 1024 || r.Card.MemoryBits <= 0 || r.Card.ClockMHz <= 0 || r.Card.MemoryMHz <= 0 {
			t.Errorf("card %+v", r.Card)
		}
		best, names := 0.0, map[string]bool{}
		for _, k := range r.Kernels {
			names[k.Kernel] = true
			if !(k.OfCeiling > 0) {
				t.Errorf("%+v", k)
			}
			switch k.Kernel {
			case copyRow:
				best = max(best, k.OfCeiling)
			case productRow:
				best = max(best, k.TFLOPs/r.Ceiling.FLOPs)
			default:
				if len(k.Launches) == 0 {
					t.Errorf("%s launches nothing", k.Kernel)
				}
			}
		}
		if best != 1 || len(names) != 7 || !(r.Ceiling.FLOPs > 0 && r.Ceiling.Bytes > 0) {
			t.Errorf("ceiling %+v, of which the best has %g; rows %v", r.Ceiling, best, names)
		}
	})
}

// TestRoof: an H100 with 132 multiprocessors at 1.83 GHz multiplies dense bfloat16 at 989 TFLOP/s and moves 3.35 TB/s.
func TestRoof(t *testing.T) {
	h100 := cuda.Info{Major: 9, Multiprocessors: 132, ClockKHz: 1830000, MemoryClockKHz: 2619000, MemoryBusBits: 5120}
	r := roofOf(h100, kernels.BF16)
	if math.Abs(r.flops/989.4e12-1) > 0.001 || math.Abs(r.bytes/3.352e12-1) > 0.001 {
		t.Errorf("%.1f TFLOP/s, %.0f GB/s", r.flops/1e12, r.bytes/1e9)
	}
	if f := roofOf(h100, kernels.FP32).flops; f != r.flops/3 {
		t.Errorf("float32 %.1f TFLOP/s, want a third", f/1e12)
	}
	a100 := cuda.Info{Major: 8, Multiprocessors: 108, ClockKHz: 1410000}
	if f := roofOf(a100, kernels.TF32).flops; math.Abs(f/312e12-1) > 0.001 {
		t.Errorf("A100 %.1f TFLOP/s", f/1e12)
	}
	if s := r.share(r.flops, r.bytes/2, 2); s != 0.5 || r.boundBy(r.flops, r.bytes/2) != "arithmetic" || r.boundBy(0, 1) != "memory" {
		t.Errorf("share %g, bound by %s", s, r.boundBy(r.flops, r.bytes/2))
	}
	if u := roofOf(cuda.Info{Major: 99, Multiprocessors: 1, ClockKHz: 1}, kernels.FP32); u.share(1, 1, 1) != 0 || u.boundBy(1, 1) != "" {
		t.Errorf("a roof of an unknown device: %+v", u)
	}
}

// drawings are the settings of a step on a few small drawings.
func drawings(t *testing.T, change func(*setting.Config)) setting.Config {
	t.Helper()
	c := setting.Defaults()
	c.Backbone, c.Size, c.Channels, c.Batch, c.Dim = "conv4", 16, 1, 16, 32
	c.Set("clusters", 4)
	change(&c)
	if err := c.Resolve(); err != nil {
		t.Fatal(err)
	}
	return c
}

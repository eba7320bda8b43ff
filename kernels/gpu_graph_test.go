package kernels_test

import (
	"slices"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/join"
	"udml-gpu/kernels/parity"
)

// twice adds 2x to y by way of memory of its own.
func twice(y, x *kernels.Array) {
	sum := y.Device().Scratch(kernels.Float32, x.Shape()...)
	join.Add(sum, x, x)
	join.AddTo(y, sum)
	sum.Free()
}

// TestGPUGraph: capturing runs nothing, each launch runs everything, and memory that the captured ops used is not given to others
// until the graph is freed.
func TestGPUGraph(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		const n = 1000
		x, y := dev.New(kernels.Float32, n), dev.New(kernels.Float32, n)
		defer x.Free()
		defer y.Free()
		twice(y, x) // fills the pool
		x.CopyFrom(kernels.Of(kernels.CPU(), slices.Repeat([]float32{3}, n), n))
		g := dev.Capture(func() { twice(y, x) })
		other := dev.New(kernels.Float32, n)
		defer other.Free()
		wantAll(t, y, 0)
		for range 3 {
			g.Launch()
		}
		wantAll(t, y, 18)
		wantAll(t, other, 0)
		g.Free()
		if err := dev.Sync(); err != nil {
			t.Error(err)
		}
	})
}

func wantAll(t *testing.T, a *kernels.Array, want float32) {
	t.Helper()
	for i, v := range kernels.Read[float32](a) {
		if v != want {
			t.Fatalf("element %d is %g, want %g", i, v, want)
		}
	}
}

// TestGPUCaptureRefuses: an op that cannot be captured is a fault that says so.
func TestGPUCaptureRefuses(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		var staged *kernels.Staging
		for _, c := range []struct {
			want string
			do   func(dev *kernels.Device, a *kernels.Array)
		}{
			{"new device memory", func(dev *kernels.Device, a *kernels.Array) { dev.Scratch(kernels.Float32, 1<<20).Free() }},
			{"reading an array", func(dev *kernels.Device, a *kernels.Array) { kernels.Read[float32](a) }},
			{"writing an array", func(dev *kernels.Device, a *kernels.Array) { kernels.Write(a, []float32{1}) }},
			{"sending staged data", func(dev *kernels.Device, a *kernels.Array) { staged.Send(a) }},
			{"waiting for staged data", func(dev *kernels.Device, a *kernels.Array) { staged.Arrive() }},
			{"waiting until staged data are sent", func(dev *kernels.Device, a *kernels.Array) { staged.Wait() }},
			{"waiting for the device", func(dev *kernels.Device, a *kernels.Array) { dev.Sync() }},
		} {
			t.Run(c.want, func(t *testing.T) {
				dev, err := kernels.CUDA(0, kernels.FP32) // a fault lasts: each has a device of its own
				if err != nil {
					t.Fatal(err)
				}
				defer dev.Close()
				a := dev.New(kernels.Float32, 1)
				staged = dev.NewStaging(4)
				dev.Capture(func() { c.do(dev, a) })
				if err := dev.Err(); err == nil || !strings.Contains(err.Error(), c.want+" cannot become part of a CUDA graph") {
					t.Errorf("the fault is %v", err)
				}
			})
		}
	})
}

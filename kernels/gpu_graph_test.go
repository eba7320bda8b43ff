package kernels_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"udml-gpu/kernels"
	"udml-gpu/kernels/join"
	"udml-gpu/kernels/numbers"
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
		parity.Graphs(t)
		const n = 1000
		x, y := dev.New(kernels.Float32, n), dev.New(kernels.Float32, n)
		defer x.Free()
		defer y.Free()
		twice(y, x) // fills the pool
		x.CopyFrom(kernels.Of(kernels.CPU(), slices.Repeat([]float32{3}, n), n))
		g, err := dev.Capture(func() { twice(y, x) })
		if err != nil {
			t.Fatal(err)
		}
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

// TestGPUGraphFreezesArguments: an argument of a launch stays what it was when it was captured, and what the launch reads on the device is
// that of the time. The first would be a training step with the numbers of another.
func TestGPUGraphFreezesArguments(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		parity.Graphs(t)
		mem := dev.New(kernels.Uint8, 8)
		defer mem.Free()
		read := mem.Carve(kernels.Float32, 0, 1)
		byArgument, fromDevice := dev.New(kernels.Float32, 1), dev.New(kernels.Float32, 1)
		defer byArgument.Free()
		defer fromDevice.Free()
		value := float32(2)
		numbers.Set(mem, uint64(math.Float32bits(value)))
		g, err := dev.Capture(func() {
			join.Fill(byArgument, float64(value))
			join.Add(fromDevice, read, read)
		})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Free()
		value = 3
		numbers.Set(mem, uint64(math.Float32bits(value)))
		g.Launch()
		wantAll(t, byArgument, 2)
		wantAll(t, fromDevice, 6)
	})
}

// TestGPUCaptureRefuses: an op that cannot be captured is an error that says so, and the device goes on as before.
func TestGPUCaptureRefuses(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		parity.Graphs(t)
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
				dev, err := kernels.CUDA(0, kernels.FP32)
				if err != nil {
					t.Fatal(err)
				}
				defer dev.Close()
				a := dev.New(kernels.Float32, 1)
				staged = dev.NewStaging(4)
				g, err := dev.Capture(func() { c.do(dev, a) })
				if g != nil || err == nil || !strings.Contains(err.Error(), c.want+" cannot become part of a CUDA graph") {
					t.Errorf("a graph %v, error %v", g, err)
				}
				join.Fill(a, 5)
				wantAll(t, a, 5)
				if err := dev.Sync(); err != nil {
					t.Errorf("the capture leaves a fault: %v", err)
				}
			})
		}
	})
}

// TestGPUCaptureFails: a driver that makes no graph, and UDML_SYNC=1, are errors and no faults.
func TestGPUCaptureFails(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		for _, c := range []struct{ name, want string }{{"UDML_SYNC", "UDML_SYNC=1"}, {"UDML_EMU_FAIL_GRAPH", "operation not supported"}} {
			if c.name == "UDML_EMU_FAIL_GRAPH" && !parity.Emulated(t) {
				continue
			}
			t.Setenv(c.name, "1")
			dev, err := kernels.CUDA(0, kernels.FP32)
			if err != nil {
				t.Fatal(err)
			}
			a := dev.New(kernels.Float32, 1)
			g, err := dev.Capture(func() { join.Fill(a, 1) })
			if g != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: a graph %v, error %v", c.name, g, err)
			}
			join.Fill(a, 5)
			wantAll(t, a, 5)
			if err := dev.Err(); err != nil {
				t.Errorf("%s leaves a fault: %v", c.name, err)
			}
			dev.Close()
			t.Setenv(c.name, "")
		}
	})
}

// TestGPUCaptureWaitsForOthers: what another goroutine sends in Beside while ops are captured neither becomes part of the graph nor is
// lost.
func TestGPUCaptureWaitsForOthers(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		parity.Graphs(t)
		a, sent := dev.New(kernels.Float32, 1), dev.New(kernels.Float32, 1)
		defer a.Free()
		defer sent.Free()
		staged := dev.NewStaging(4)
		defer staged.Free()
		kernels.StagingOf[float32](staged, 0, 1)[0] = 7
		begun, done := make(chan struct{}), make(chan struct{})
		go func() {
			<-begun
			dev.Beside(func() {
				staged.Send(sent)
				staged.Wait()
			})
			close(done)
		}()
		g, err := dev.Capture(func() {
			close(begun)
			time.Sleep(20 * time.Millisecond) // the other tries in the meantime
			join.Fill(a, 5)
		})
		<-done
		if err != nil {
			t.Fatal(err)
		}
		defer g.Free()
		g.Launch()
		staged.Arrive()
		wantAll(t, a, 5)
		wantAll(t, sent, 7)
	})
}

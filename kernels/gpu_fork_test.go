package kernels_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"udml-gpu/kernels"
	"udml-gpu/kernels/join"
	"udml-gpu/kernels/parity"
)

// The emulated GPU runs what is queued as late as it may: what a fork does, when it is joined; what others do, when one waits for them. So
// an op that does not wait for what it needs is seen to read too early.

// full is an array of n times v.
func full(dev *kernels.Device, n int, v float32) *kernels.Array {
	return kernels.Of(dev, slices.Repeat([]float32{v}, n), n)
}

// TestGPUFork: a fork finds what was queued before, and what is queued behind a join finds the forks'.
func TestGPUFork(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		const n = 1000
		x, y, z := full(dev, n, 1), full(dev, n, 0), full(dev, n, 5)
		defer x.Free()
		defer y.Free()
		defer z.Free()
		join.AddTo(x, x)
		dev.Fork(func() {
			twice(y, x)
			wantAll(t, y, 4) // which waits for the fork alone
		})
		dev.Fork(func() { twice(y, y) })
		join.AddTo(z, z)
		dev.Join()
		join.AddTo(z, y)
		wantAll(t, z, 22)
		if err := dev.Sync(); err != nil {
			t.Error(err)
		}
	})
}

// TestGPUForkKeepsMemory: what a fork gives back is not what others get before the join, but a later fork may have it. Addresses tell: what
// the driver says is free changes in granules, and with what other processes do.
func TestGPUForkKeepsMemory(t *testing.T) {
	dev := fresh(t) // with a pool of its own
	const n = 1000
	x, y := full(dev, n, 3), full(dev, n, 0)
	first := full(dev, n, 1)
	pooled := first.Address()
	first.Free()
	for i := range 2 {
		dev.Fork(func() {
			sum := dev.Scratch(kernels.Float32, n)
			if sum.Address() != pooled {
				t.Errorf("fork %d has other memory than the pool's", i)
			}
			join.Add(sum, x, x)
			join.AddTo(y, sum)
			sum.Free()
		})
	}
	other := dev.New(kernels.Float32, n)
	if other.Address() == pooled {
		t.Error("memory of the forks is given to others before the join")
	}
	dev.Join()
	wantAll(t, other, 0)
	wantAll(t, y, 12)
	last := dev.Scratch(kernels.Float32, n)
	if last.Address() != pooled {
		t.Error("memory of the forks is not used again")
	}
	for _, a := range []*kernels.Array{x, y, other, last} {
		a.Free()
	}
}

// withGraphs runs a test of graphs on the GPU with arrays of ones, x, and of zeros, y.
func withGraphs(t *testing.T, test func(t *testing.T, dev *kernels.Device, x, y *kernels.Array)) {
	t.Helper()
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		parity.Graphs(t)
		const n = 1000
		x, y := full(dev, n, 1), full(dev, n, 0)
		defer x.Free()
		defer y.Free()
		test(t, dev, x, y)
	})
}

// TestGPUForkInGraph: forks become part of a graph, with their join; without it there is none. A join outside waits for none of them.
func TestGPUForkInGraph(t *testing.T) {
	withGraphs(t, func(t *testing.T, dev *kernels.Device, x, y *kernels.Array) {
		step := func() {
			join.AddTo(x, x)
			dev.Fork(func() { twice(y, x) })
			dev.Fork(func() { twice(y, x) })
			dev.Join()
			join.AddTo(x, y)
		}
		step() // x 2, y 8, x 10
		g, err := dev.Capture(step)
		if err != nil {
			t.Fatal(err)
		}
		defer g.Free()
		dev.Join()
		g.Launch() // x 20, y 88, x 108
		g.Launch() // x 216, y 952, x 1168
		wantAll(t, y, 952)
		wantAll(t, x, 1168)
		_, err = dev.Capture(func() { dev.Fork(func() { twice(y, x) }) })
		if err == nil || !strings.Contains(err.Error(), "UNJOINED") && !strings.Contains(err.Error(), "joined") {
			t.Errorf("a graph without the join: %v", err)
		}
		dev.Join()
		wantAll(t, y, 952)
		step() // as before: x 2336, y 10296, x 12632
		wantAll(t, x, 12632)
	})
}

// TestGPUForkBeforeGraph: what was forked before a capture, and is not joined, is neither part of the graph nor in its way: ops of the
// graph and those after it find it, whether f joins or not.
func TestGPUForkBeforeGraph(t *testing.T) {
	withGraphs(t, func(t *testing.T, dev *kernels.Device, x, y *kernels.Array) {
		twice(y, x) // y 2
		for i, joins := range []func(){func() {}, dev.Join, func() { dev.Fork(func() { twice(y, x) }); dev.Join() }} {
			dev.Fork(func() { twice(y, x) })
			g, err := dev.Capture(func() {
				joins()
				join.AddTo(x, y)
			})
			if err != nil {
				t.Fatalf("capture %d: %v", i, err)
			}
			g.Launch()
			dev.Join()
			g.Free()
			wantAll(t, y, []float32{4, 14, 90}[i])
			wantAll(t, x, []float32{5, 19, 109}[i])
		}
	})
}

// TestGPUFaultInForkInGraph: a fault within a fork that is being captured is the capture's error, and the device can be closed.
func TestGPUFaultInForkInGraph(t *testing.T) {
	dev := fresh(t)
	parity.Graphs(t)
	x, y := full(dev, 1, 1), full(dev, 1, 0)
	fault := errors.New("the device does not answer")
	g, err := dev.Capture(func() {
		dev.Fork(func() {
			join.AddTo(y, x)
			dev.QueueSync("nothing", func(unsafe.Pointer) error { return nil }) // the fork has begun
			dev.Fail(fault)
		})
	})
	if g != nil || !errors.Is(err, fault) {
		t.Errorf("a graph %v, error %v", g, err)
	}
	dev.Join()
	if err := dev.Sync(); !errors.Is(err, fault) {
		t.Errorf("then %v", err)
	}
}

// TestGPUForkInFork: within a fork there is no other and no join, and the device can be closed.
func TestGPUForkInFork(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		for want, do := range map[string]func(dev *kernels.Device){
			"a fork within a fork": func(dev *kernels.Device) { dev.Fork(func() {}) },
			"a join within a fork": (*kernels.Device).Join,
		} {
			dev := fresh(t)
			dev.Fork(func() { do(dev) })
			dev.Join()
			if err := dev.Sync(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the fault is %v, want %s", err, want)
			}
		}
	})
}

// TestGPUCaptureInFork: it is an error, and no fault.
func TestGPUCaptureInFork(t *testing.T) {
	dev := fresh(t)
	parity.Graphs(t)
	dev.Fork(func() {
		if g, err := dev.Capture(func() {}); g != nil || err == nil || !strings.Contains(err.Error(), "a capture within a fork") {
			t.Errorf("a graph %v, error %v", g, err)
		}
	})
	dev.Join()
	if err := dev.Sync(); err != nil {
		t.Errorf("a capture in a fork leaves a fault: %v", err)
	}
}

package kernels_test

import (
	"slices"
	"strings"
	"testing"

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

// TestGPUForkKeepsMemory: what a fork gives back is not what others get before the join, but a later fork may have it.
func TestGPUForkKeepsMemory(t *testing.T) {
	dev := fresh(t) // with a pool of its own
	const n = 1000
	x, y := full(dev, n, 3), full(dev, n, 0)
	full(dev, n, 1).Free() // memory in the pool
	dev.Fork(func() { twice(y, x) })
	free, _ := dev.MemoryInfo()
	dev.Fork(func() { twice(y, x) })
	if again, _ := dev.MemoryInfo(); again != free {
		t.Errorf("a second fork took %d bytes", free-again)
	}
	other := dev.New(kernels.Float32, n)
	dev.Join()
	wantAll(t, other, 0)
	wantAll(t, y, 12)
	last := dev.Scratch(kernels.Float32, n)
	if again, _ := dev.MemoryInfo(); again != free-int64(other.Bytes()+511)/512*512 {
		t.Errorf("memory of the forks is not used again: %d bytes free, %d before", again, free)
	}
	for _, a := range []*kernels.Array{x, y, other, last} {
		a.Free()
	}
}

// TestGPUForkInGraph: forks become part of a graph, with their join; without it there is none.
func TestGPUForkInGraph(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		const n = 1000
		x, y := full(dev, n, 1), full(dev, n, 0)
		defer x.Free()
		defer y.Free()
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
	})
}

// TestGPUForkInFork: it is a fault, and the device can be closed.
func TestGPUForkInFork(t *testing.T) {
	dev := fresh(t)
	dev.Fork(func() { dev.Fork(func() {}) })
	dev.Join()
	if err := dev.Sync(); err == nil || !strings.Contains(err.Error(), "fork within a fork") {
		t.Errorf("the fault is %v", err)
	}
}

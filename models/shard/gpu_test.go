package shard_test

import (
	"errors"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// TestSumOnGPU: arrays that go from GPU to GPU give the bits of the tree.
func TestSumOnGPU(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
			for _, n := range []int{0, 33, 17_001} {
				checkSum(t, dev, dt, 5, n, []bool{true, true, false, true, true})
				checkSum(t, dev, dt, 4, n, make([]bool, 4))
			}
		}
	})
}

func TestGatherOnGPU(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		for ranks := 2; ranks <= 5; ranks++ {
			checkGather(t, dev, ranks)
		}
	})
}

// TestBeginSumOnGPU: so do sums that are begun, each rank with a device of its own, while the rank exchanges something else.
func TestBeginSumOnGPU(t *testing.T) {
	if parity.GPU(t) == nil {
		t.Skip("no GPU, and none is required (REQUIRE_CUDA=1)")
	}
	live := []bool{true, true, false, true, true}
	for _, by := range []shard.Transport{shard.Exact, shard.Bfloat16} {
		for _, n := range []int{33, 17_001} {
			for ranks := 2; ranks <= 3; ranks++ {
				shardtest.Run(t, ranks, func(c shard.Carrier) {
					dev, err := kernels.CUDA(0, kernels.FP32)
					if err != nil {
						t.Error(err)
						return
					}
					defer dev.Close()
					wantSum(t, dev, by, kernels.Float32, 5, n, live, begunTwice)(c)
				})
			}
		}
	}
}

// begunTwice is begun, before and behind other sums.
func begunTwice(g *shard.Group, by shard.Transport, op string, dst *kernels.Array, parts []*kernels.Array, live []bool) {
	other := kernels.Of(dst.Device(), make([]float32, 20_000), 20_000)
	defer other.Free()
	more := make([]*kernels.Array, len(parts))
	for i := range more {
		more[i] = other
	}
	g.BeginSum(by, op, other, more, live)
	begun(g, by, op, dst, parts, live)
	g.BeginSum(by, op, other, more, live)
	g.Wait()
}

// broken is a device carrier whose rank is gone.
type broken struct{ err error }

func (b broken) Launched(string) {}

func (b broken) ExchangeArrays(string, [][]*kernels.Array, [][]*kernels.Array) error { return nil }
func (b broken) AddArray(string, *kernels.Array) error                               { return nil }
func (b broken) Err() error                                                          { return b.err }

// TestErrorOfDevice: what fails on the device after an exchange has been queued is the error of the group, which then exchanges nothing.
func TestErrorOfDevice(t *testing.T) {
	gone := errors.New("gone")
	shardtest.Run(t, 2, func(c shard.Carrier) {
		g := shard.New(2, c)
		g.OnDevice(broken{gone})
		if got := g.Agree("flags", 1<<c.Rank()); got != 1<<c.Rank() || !errors.Is(g.Err(), gone) {
			t.Errorf("rank %d agrees on %b: %v", c.Rank(), got, g.Err())
		}
	})
}

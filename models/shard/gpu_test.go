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

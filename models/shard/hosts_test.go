package shard_test

import (
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// placements are ranks on hosts: even, uneven, of ranks that are alone, and interleaved.
var placements = []string{"a a b b", "a a a b b", "a b b b c c", "a a b b c", "a b a b", "a b c", "a a a"}

// TestSumByHost: the bits of the tree, wherever the ranks are.
func TestSumByHost(t *testing.T) {
	for _, names := range placements {
		hosts := strings.Fields(names)
		for _, shards := range []int{len(hosts), 7} {
			for _, missing := range []int{-1, 1, shards} { // shards: all are missing
				live := make([]bool, shards)
				for s := range live {
					live[s] = s != missing && missing != shards
				}
				f := wantSum(t, kernels.CPU(), shard.Exact, kernels.Float32, shards, 17_001, live, (*shard.Group).SumBy)
				shardtest.RunOn(t, hosts, f)
			}
		}
	}
}

func TestSumByHostOnGPU(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		live := []bool{true, true, false, true, true, true}
		f := wantSum(t, dev, shard.Exact, kernels.Float32, 6, 17_001, live, (*shard.Group).SumBy)
		shardtest.RunOn(t, strings.Fields("a a b b c"), f)
	})
}

func TestGatherByHost(t *testing.T) {
	for _, names := range placements {
		if hosts := strings.Fields(names); len(hosts) <= 5 {
			shardtest.RunOn(t, hosts, wantGather(t, kernels.CPU(), 20_001))
		}
	}
}

// TestBytesBetweenHosts: of a large sum each element comes to a host and leaves it about once, and rows come to each other host once,
// whatever the number of ranks there; where hosts interleave they do so for every rank.
func TestBytesBetweenHosts(t *testing.T) {
	const n = 1 << 16 // elements of 4 bytes, in slices of equal length
	for names, want := range map[string]int{"a a b b": 1, "a a a a b b b b": 1, "a b a b": 2, "a b": 1} {
		hosts := strings.Fields(names)
		live := make([]bool, len(hosts))
		for s := range live {
			live[s] = true
		}
		sum := wantSum(t, kernels.CPU(), shard.Exact, kernels.Float32, len(hosts), n, live, (*shard.Group).SumBy)
		// Both hosts send half of what their shards add up to, and the half of the sum that they form; slices begin at multiples of 16.
		got, most := shardtest.RunOn(t, hosts, sum), want*4*(2*n+64*len(hosts))
		if got > most || got < want*4*2*n*9/10 {
			t.Errorf("a sum of %d bytes on %s: %d bytes cross, want at most %d", 4*n, names, got, most)
		}
		rows := func(c shard.Carrier) {
			all := make([]*kernels.Array, c.Size())
			for s := range all {
				all[s] = kernels.CPU().New(kernels.Float32, n)
			}
			shard.New(c.Size(), c).Gather("gather", all)
		}
		if got := shardtest.RunOn(t, hosts, rows); got != want*4*n*len(hosts) {
			t.Errorf("a gather of %d bytes of each rank on %s: %d bytes cross, want %d", 4*n, names, got, want*4*n*len(hosts))
		}
	}
}

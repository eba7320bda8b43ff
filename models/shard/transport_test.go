package shard_test

import (
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// TestSumInBfloat16: the parts of shards are rounded, and the sum of all, and nothing else, on any number of ranks and hosts.
func TestSumInBfloat16(t *testing.T) {
	for _, shards := range []int{1, 4, 5} {
		for _, n := range []int{33, 17_001} {
			for _, dead := range []int{0, shards} { // shards: none
				live := make([]bool, shards)
				for s := range live {
					live[s] = s != dead
				}
				f := wantSum(t, kernels.CPU(), shard.Bfloat16, kernels.Float32, shards, n, live, (*shard.Group).SumBy)
				for ranks := 1; ranks <= shards; ranks++ {
					shardtest.Run(t, ranks, f)
				}
				for _, names := range placements {
					if hosts := strings.Fields(names); len(hosts) <= shards {
						shardtest.RunOn(t, hosts, f)
					}
				}
			}
		}
	}
}

func TestSumInBfloat16OnGPU(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		live := []bool{true, true, false, true, true, true}
		f := wantSum(t, dev, shard.Bfloat16, kernels.Float32, 6, 17_001, live, (*shard.Group).SumBy)
		for _, names := range []string{"a", "a b", "a a b b c"} {
			shardtest.RunOn(t, strings.Fields(names), f)
		}
	})
}

// TestBfloat16HalvesTheBytes: of ranks with a shard each, all that crosses is half as long.
func TestBfloat16HalvesTheBytes(t *testing.T) {
	const n = 1 << 16
	live, hosts := []bool{true, true, true, true}, strings.Fields("a b c d")
	crossed := func(by shard.Transport) int {
		return shardtest.RunOn(t, hosts, wantSum(t, kernels.CPU(), by, kernels.Float32, 4, n, live, (*shard.Group).SumBy))
	}
	if exact, short := crossed(shard.Exact), crossed(shard.Bfloat16); 2*short != exact || exact == 0 {
		t.Errorf("%d bytes in bfloat16, %d in float32", short, exact)
	}
}

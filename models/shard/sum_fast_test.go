package shard_test

import (
	"bytes"
	"math"
	"strings"
	"sync"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// near is an error of sums in another order than that of want: as many additions as there are shards round by 2^-24, or 2^-53, of what is
// added up so far, which the sum of the parts' sizes bounds. A sum that is divided by the number of ranks is off by half of it or more.
func near(t *testing.T, dt kernels.DType, got, want *kernels.Array, live []bool) {
	t.Helper()
	unit := 0x1p-24
	if dt == kernels.Float64 {
		unit = 0x1p-53
	}
	n := want.Len()
	bound := make([]float64, n)
	for s, l := range live {
		if l {
			p := part(dt, s, n)
			for i := range bound {
				bound[i] += math.Abs(optest.Get(p, i)) * unit * float64(len(live))
			}
		}
	}
	for i := range n {
		if off := math.Abs(optest.Get(got, i) - optest.Get(want, i)); !(off <= bound[i]) {
			t.Errorf("%v, live %v: element %d of %d is off by %g, more than %g", dt, live, i, n, off, bound[i])
			return
		}
	}
}

// wantFast is what a rank does to check a sum that libraries add up: near that in order, and the same bytes on all ranks and a second time.
func wantFast(
	t *testing.T, dev *kernels.Device, dt kernels.DType, shards, n int, live []bool, a adderOf, add adding,
) func(c shard.Carrier) {
	want := tree(shard.Exact, dt, 0, shards, n, live)
	if want == nil {
		want = kernels.CPU().New(dt, n)
	}
	var lock sync.Mutex
	var seen []byte
	return func(c shard.Carrier) {
		g := groupOn(dev, shards, c)
		g.AddFast(a(c))
		first, last := g.Own()
		for range 2 {
			parts := make([]*kernels.Array, last-first)
			for i := range parts {
				if live[first+i] {
					parts[i] = part(dt, first+i, n).To(dev)
				}
			}
			dst := optest.Poisoned(kernels.CPU(), dt, n).To(dev)
			add(g, shard.Exact, "sum", dst, parts, live)
			got := content(dst)
			lock.Lock()
			if seen == nil {
				seen = got
			}
			if g.Err() != nil || !bytes.Equal(got, seen) {
				t.Errorf("%v, %d shards on %d ranks, %d elements, live %v: rank %d has another sum (%v)",
					dt, shards, c.Size(), n, live, c.Rank(), g.Err())
			}
			near(t, dt, kernels.WrapBytes(kernels.CPU(), dt, got, n), want, live)
			lock.Unlock()
		}
	}
}

// adderOf is the adder of a rank.
type adderOf func(c shard.Carrier) shard.Adder

// adders are without and with a library.
var adders = map[string]adderOf{"ranks": func(shard.Carrier) shard.Adder { return nil }, "library": shardtest.Adder}

// TestSumFast: rank by rank and by a library, wherever the ranks are, with shards and ranks that have no part.
func TestSumFast(t *testing.T) {
	for name, a := range adders {
		t.Run(name, func(t *testing.T) {
			for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
				for _, n := range []int{0, 1, 33, 17_001} {
					for _, dead := range []string{"", "0", "012", "0123456"} {
						live := make([]bool, 7)
						for s := range live {
							live[s] = !strings.Contains(dead, string(rune('0'+s)))
						}
						f := wantFast(t, kernels.CPU(), dt, 7, n, live, a, (*shard.Group).SumBy)
						shardtest.Run(t, 3, f)
						shardtest.RunOn(t, strings.Fields("a a b b b"), wantFast(t, kernels.CPU(), dt, 7, n, live, a, begun))
					}
				}
			}
		})
	}
}

// TestSumFastAlone: a process that has all shards adds up in their order.
func TestSumFastAlone(t *testing.T) {
	live := []bool{true, true, false, true, true}
	inOrder := wantSum(t, kernels.CPU(), shard.Exact, kernels.Float32, 5, 33, live, fastBy(nil))
	shardtest.Run(t, 1, inOrder)
}

// fastBy is SumBy of a group that adds up by a library.
func fastBy(a shard.Adder) adding {
	return func(g *shard.Group, by shard.Transport, op string, dst *kernels.Array, parts []*kernels.Array, live []bool) {
		g.AddFast(a)
		g.SumBy(by, op, dst, parts, live)
	}
}

func TestSumFastOnGPU(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		live := []bool{true, true, false, true, true}
		for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
			shardtest.Run(t, 3, wantFast(t, dev, dt, 5, 17_001, live, adders["ranks"], (*shard.Group).SumBy))
		}
	})
}

// TestSumRowsFast: each rank has its own rows of the sum.
func TestSumRowsFast(t *testing.T) {
	const shards, per = 5, 7
	live := []bool{true, true, false, true, true}
	for name, a := range adders {
		shardtest.Run(t, 2, func(c shard.Carrier) {
			g := shard.New(shards, c)
			g.AddFast(a(c))
			bounds := g.Cut(2_600)
			n := bounds[shards] * per
			want := tree(shard.Exact, kernels.Float32, 0, shards, n, live)
			first, last := g.Own()
			var parts []*kernels.Array
			for s := first; s < last; s++ {
				parts = append(parts, part(kernels.Float32, s, n).Reshape(bounds[shards], per))
			}
			dst := optest.Poisoned(kernels.CPU(), kernels.Float32, bounds[shards], per)
			g.SumRows("rows", bounds, dst, parts, live)
			g.GatherShards("gather", bounds, dst)
			if g.Err() != nil {
				t.Errorf("%s: %v", name, g.Err())
			}
			near(t, kernels.Float32, dst.Reshape(n), want, live)
		})
	}
}

// TestFastSendsLess: a rank sends one total where the order of shards wants two.
func TestFastSendsLess(t *testing.T) {
	const n = 1 << 16
	live, hosts := []bool{true, true, true, true, true, true}, strings.Fields("a b")
	crossed := func(add adding) int {
		return shardtest.RunOn(t, hosts, func(c shard.Carrier) {
			g := shard.New(6, c)
			var parts []*kernels.Array
			for range 3 {
				parts = append(parts, kernels.CPU().New(kernels.Float32, n))
			}
			add(g, shard.Exact, "sum", parts[0], parts, live)
		})
	}
	// In order: half of two nodes, and half of the sum, from each; fast: half of one.
	if ordered, fast := crossed((*shard.Group).SumBy), crossed(fastBy(nil)); fast*3 > ordered*2+4096 || fast < 4*n*2*9/10 {
		t.Errorf("%d bytes fast, %d in order", fast, ordered)
	}
}

package shard_test

import (
	"bytes"
	"fmt"
	"math"
	"sync"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
	"udml-gpu/kernels/optest"
	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// part is what a shard brings to a sum: numbers of very different sizes, so that another order of the additions gives other bits.
func part(dt kernels.DType, s, n int) *kernels.Array {
	a := optest.Uniform(kernels.CPU(), dt, uint64(s+1), -1, 1, n)
	for i := range n {
		optest.Set(a, i, optest.Get(a, i)*math.Pow(10, float64((s*7+i)%9-4)))
	}
	return a
}

// tree is the sum that the contract promises, by recursion over the shards' numbers.
func tree(by shard.Transport, dt kernels.DType, lo, hi, n int, live []bool) *kernels.Array {
	if hi-lo == 1 {
		if !live[lo] {
			return nil
		}
		a := part(dt, lo, n)
		if by == shard.Bfloat16 {
			bfloat.Round(a)
		}
		return a
	}
	half := 1
	for 2*half < hi-lo {
		half *= 2
	}
	a, b := tree(by, dt, lo, lo+half, n, live), tree(by, dt, lo+half, hi, n, live)
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	for i := range n {
		if dt == kernels.Float32 {
			optest.Set(a, i, float64(float32(optest.Get(a, i))+float32(optest.Get(b, i))))
			continue
		}
		optest.Set(a, i, optest.Get(a, i)+optest.Get(b, i))
	}
	return a
}

func content(a *kernels.Array) []byte {
	b := make([]byte, a.Bytes())
	a.CopyToHost(b)
	return b
}

// TestSum: every rank gets the bits of the tree, for any number of ranks, small and large sums, with shards that have no part.
func TestSum(t *testing.T) {
	for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
		for _, shards := range []int{1, 3, 4, 5} {
			for _, n := range []int{0, 1, 33, 17_001} {
				for _, missing := range []int{-1, 0, shards - 1, shards} { // shards: all are missing
					live := make([]bool, shards)
					for s := range live {
						live[s] = s != missing && missing != shards
					}
					checkSum(t, kernels.CPU(), dt, shards, n, live)
				}
			}
		}
	}
}

// groupOn is the group of a rank whose arrays are on dev: those on a GPU do not go by way of the host.
func groupOn(dev *kernels.Device, shards int, c shard.Carrier) *shard.Group {
	g := shard.New(shards, c)
	if dev.CUDA() && c.Size() > 1 {
		g.OnDevice(shardtest.Arrays(c))
	}
	return g
}

func checkSum(t *testing.T, dev *kernels.Device, dt kernels.DType, shards, n int, live []bool) {
	t.Helper()
	for ranks := 1; ranks <= shards; ranks++ {
		shardtest.Run(t, ranks, wantSum(t, dev, shard.Exact, dt, shards, n, live, (*shard.Group).SumBy))
	}
}

// adding is a method of shard.Group that adds up.
type adding func(g *shard.Group, by shard.Transport, op string, dst *kernels.Array, parts []*kernels.Array, live []bool)

// wantSum is what a rank does to check the sum of parts.
func wantSum(
	t *testing.T, dev *kernels.Device, by shard.Transport, dt kernels.DType, shards, n int, live []bool, add adding,
) func(c shard.Carrier) {
	want := tree(by, dt, 0, shards, n, live)
	if want == nil {
		want = kernels.CPU().New(dt, n)
	}
	if by == shard.Bfloat16 {
		bfloat.Round(want)
	}
	var lock sync.Mutex
	return func(c shard.Carrier) {
		g := groupOn(dev, shards, c)
		first, last := g.Own()
		parts := make([]*kernels.Array, last-first)
		for i := range parts {
			if live[first+i] {
				parts[i] = part(dt, first+i, n).To(dev)
				defer parts[i].Free()
			}
		}
		dst := optest.Poisoned(kernels.CPU(), dt, n).To(dev)
		defer dst.Free()
		add(g, by, "sum", dst, parts, live)
		got := content(dst)
		lock.Lock()
		defer lock.Unlock()
		if g.Err() != nil || !bytes.Equal(got, content(want)) {
			t.Errorf("%v, %d shards on %d ranks, %d elements, live %v: rank %d has another sum (%v)",
				dt, shards, c.Size(), n, live, c.Rank(), g.Err())
		}
	}
}

// TestSumRows: each rank gets its own rows of the tree's sum, and all of them when these are gathered; ranks without rows take part.
func TestSumRows(t *testing.T) {
	const shards, per = 5, 7
	live := []bool{true, true, false, true, true}
	for _, rows := range []int{0, 1, 4, 5, 2_600} {
		want := tree(shard.Exact, kernels.Float32, 0, shards, rows*per, live)
		for ranks := 1; ranks <= shards; ranks++ {
			shardtest.Run(t, ranks, func(c shard.Carrier) {
				g := shard.New(shards, c)
				first, last := g.Own()
				bounds, parts := g.Cut(rows), make([]*kernels.Array, last-first)
				for i := range parts {
					if live[first+i] {
						parts[i] = part(kernels.Float32, first+i, rows*per)
					}
				}
				dst := optest.Poisoned(kernels.CPU(), kernels.Float32, rows, per)
				g.SumRows("sum rows", bounds, dst, parts, live)
				lo, hi := bounds[first], bounds[last]
				if !bytes.Equal(content(dst.Rows(lo, hi)), content(want.View(lo*per, hi-lo, per))) {
					t.Errorf("%d rows on %d ranks: rank %d has another sum", rows, ranks, c.Rank())
				}
				g.GatherShards("gather rows", bounds, dst)
				if g.Err() != nil || !bytes.Equal(content(dst), content(want)) {
					t.Errorf("%d rows on %d ranks: rank %d has gathered others (%v)", rows, ranks, c.Rank(), g.Err())
				}
			})
		}
	}
}

func TestGather(t *testing.T) {
	for ranks := 1; ranks <= 5; ranks++ {
		checkGather(t, kernels.CPU(), ranks)
	}
}

func checkGather(t *testing.T, dev *kernels.Device, ranks int) {
	shardtest.Run(t, ranks, wantGather(t, dev, 2))
}

// wantGather is what a rank does to check that it has the rows of all of five shards, of so many columns.
func wantGather(t *testing.T, dev *kernels.Device, columns int) func(c shard.Carrier) {
	return func(c shard.Carrier) {
		rows := []int{3, 0, 2, 1, 4}
		g := groupOn(dev, len(rows), c)
		first, last := g.Own()
		all := make([]*kernels.Array, len(rows))
		for s, n := range rows {
			all[s] = optest.Poisoned(kernels.CPU(), kernels.Float32, n, columns).To(dev)
			defer all[s].Free()
			if first <= s && s < last {
				all[s].CopyFrom(part(kernels.Float32, s, columns*n))
			}
		}
		g.Gather("gather", all)
		for s, n := range rows {
			if g.Err() != nil || !bytes.Equal(content(all[s]), content(part(kernels.Float32, s, columns*n))) {
				t.Errorf("%d ranks: rank %d has not the rows of shard %d (%v)", c.Size(), c.Rank(), s, g.Err())
			}
		}
	}
}

func TestAgree(t *testing.T) {
	if got := (*shard.Group)(nil).Agree("", 5); got != 5 {
		t.Error(got)
	}
	shardtest.Run(t, 3, func(c shard.Carrier) {
		if got := shard.New(4, c).Agree("flags", 1<<(10*c.Rank())); got != 1|1<<10|1<<20 {
			t.Errorf("rank %d: %b", c.Rank(), got)
		}
	})
}

// TestCut: all images, sizes that differ by one at most, and no shard smaller in a larger batch.
func TestCut(t *testing.T) {
	for shards := 1; shards < 9; shards++ {
		g := shard.Alone(shards)
		before := g.Cut(0)
		for n := range 40 {
			cut := g.Cut(n)
			if cut[0] != 0 || cut[shards] != n {
				t.Fatalf("%d images: %v", n, cut)
			}
			for s := range shards {
				size := cut[s+1] - cut[s]
				if size < n/shards || size > n/shards+1 || size < before[s+1]-before[s] {
					t.Errorf("%d images: %v after %v", n, cut, before)
				}
			}
			before = cut
		}
	}
}

// failing is a carrier whose exchanges fail.
type failing struct{ calls int }

func (f *failing) Rank() int { return 0 }
func (f *failing) Size() int { return 2 }
func (f *failing) Exchange(string, [][]byte, [][]byte) error {
	f.calls++
	return fmt.Errorf("call %d fails", f.calls)
}

// TestFirstErrorStays: after an error nothing more is exchanged.
func TestFirstErrorStays(t *testing.T) {
	f := &failing{}
	g := shard.New(2, f)
	for _, n := range []int{3, 40_000} {
		a := part(kernels.Float32, 0, n)
		g.Sum("sum", a, []*kernels.Array{a}, []bool{true, true})
	}
	g.Gather("gather", []*kernels.Array{part(kernels.Float32, 0, 2), part(kernels.Float32, 0, 2)})
	if g.Agree("agree", 2) != 2 || f.calls != 1 || g.Err().Error() != "call 1 fails" {
		t.Errorf("%d calls, %v", f.calls, g.Err())
	}
}

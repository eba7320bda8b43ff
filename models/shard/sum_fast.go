package shard

import "udml-gpu/kernels"

// AddFast has sums that cross ranks added up rank by rank from now on: each rank adds up the parts of its own shards, and what they come to
// is added up by the library that carries arrays between GPUs, or by a where arrays lie on the CPU or go by way of the hosts. Without (nil)
// the group adds up the ranks' totals as it otherwise does shards. So each rank sends one total, however many shards it has, and the bits
// of a sum depend on the number of ranks, and on the library. Sums of one process are not changed. All ranks call it, between the same
// exchanges.
func (g *Group) AddFast(a Adder) { g.fast, g.adder = true, a }

// sumFast is sum, rank by rank.
func (g *Group) sumFast(op string, dst *kernels.Array, parts []*kernels.Array, live []bool, slices []span) {
	first, last := g.Own()
	total := fold(node{first, last}, partsAt(parts, first, live))
	switch direct := g.Direct(dst.Device()); {
	case !(node{0, g.shards}).live(live) || dst.Len() == 0:
		put(dst, nil)
	case slices != nil || !direct && g.adder == nil:
		g.sumRanks(op, dst, total, live, slices)
	default:
		if put(dst, total); direct {
			g.addArrays(op, dst)
		} else {
			g.addByHost(op, dst)
		}
	}
}

// sumRanks is the sum of the ranks' totals, of which each is taken for one shard.
func (g *Group) sumRanks(op string, dst, total *kernels.Array, live []bool, slices []span) {
	g.Wait()
	ranks := *g
	ranks.fast, ranks.shards = false, g.Ranks()
	liveRanks := make([]bool, ranks.shards)
	for r := range liveRanks {
		first, last := g.of(r)
		liveRanks[r] = node{first, last}.live(live)
	}
	ranks.sum(Exact, op, dst, []*kernels.Array{total}, liveRanks, slices)
	g.err = ranks.err
}

// addArrays is DeviceCarrier.AddArray, unless an earlier exchange has failed.
func (g *Group) addArrays(op string, a *kernels.Array) {
	g.Wait()
	if g.Err() == nil {
		g.err = g.arrays.AddArray(op, a)
	}
}

// addByHost is Adder.Add of an array, unless an earlier exchange has failed.
func (g *Group) addByHost(op string, a *kernels.Array) {
	g.Wait()
	if g.Err() != nil {
		return
	}
	b := kernels.BorrowHost[uint8](a.Bytes())
	defer kernels.ReturnHost(b)
	a.CopyToHost(b)
	if g.err = g.adder.Add(op, a.DType(), b); g.err == nil {
		a.CopyFromHost(b)
	}
}

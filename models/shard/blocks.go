package shard

import "udml-gpu/kernels"

// Blocks are runs of consecutive shards that have something in common, such as the host that computes them at a run's start: shard s is in
// block s/Size. Size 0 is one block of all shards.
type Blocks struct{ Size int }

// Of are the shards [first,last) of the block of shard s, of so many in all.
func (b Blocks) Of(s, shards int) (first, last int) {
	if b.Size <= 0 {
		return 0, shards
	}
	first = s / b.Size * b.Size
	return first, min(first+b.Size, shards)
}

// meets says whether a block of a shard of rank q has shards of rank r too, and so what q computes of shard s goes to r.
func (g *Group) meets(b Blocks, s, r int) bool {
	lo, hi := b.Of(s, g.shards)
	first, last := g.of(r)
	return lo < last && first < hi
}

// GatherBlocks is Gather within blocks: a rank receives the results of the shards that are in a block with one of its own, and nothing is
// sent to ranks that have none.
func (g *Group) GatherBlocks(op string, b Blocks, all []*kernels.Array) {
	if g == nil || g.carrier == nil {
		return
	}
	me := g.Rank()
	to, from := make([][]*kernels.Array, g.Ranks()), make([][]*kernels.Array, g.Ranks())
	for r := range to {
		to[r], from[r] = g.sent(b, all, me, r), g.sent(b, all, r, me)
	}
	g.swap(op, to, from)
}

// sent are the arrays that rank q sends to rank r.
func (g *Group) sent(b Blocks, all []*kernels.Array, q, r int) (list []*kernels.Array) {
	first, last := g.of(q)
	for s := first; s < last; s++ {
		if a := all[s]; a != nil && a.Len() > 0 && g.meets(b, s, r) {
			list = append(list, a)
		}
	}
	return list
}

// SumBlock leaves the sum of the parts of a block's shards in dst, in the order of the tree of all. parts are of all shards; those of the
// block are there (GatherBlocks) and are overwritten.
func (g *Group) SumBlock(dst *kernels.Array, first, last int, parts []*kernels.Array, live []bool) {
	put(dst, fold(node{0, g.shards}, func(n node) (*kernels.Array, bool) {
		switch {
		case n.hi <= first || last <= n.lo, !n.live(live):
			return nil, true
		case n.hi-n.lo == 1:
			return parts[n.lo], true
		}
		return nil, false
	}))
}

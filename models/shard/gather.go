package shard

import "udml-gpu/kernels"

// Gather has every rank know the results of all shards: in each list, element s is that of shard s. Those of the own shards are filled;
// the others are arrays of the shapes that they have there, and receive them. Elements that are nil or empty take no part.
func (g *Group) Gather(op string, lists ...[]*kernels.Array) {
	if g == nil || g.carrier == nil {
		return
	}
	ranks := make([][]*kernels.Array, g.Ranks())
	for r := range ranks {
		first, last := g.of(r)
		for _, list := range lists {
			ranks[r] = append(ranks[r], present(list[first:last])...)
		}
	}
	g.swap(op, g.allBut(ranks[g.Rank()]), ranks)
}

// present are the arrays that are there and have elements.
func present(arrays []*kernels.Array) (list []*kernels.Array) {
	for _, a := range arrays {
		if a != nil && a.Len() > 0 {
			list = append(list, a)
		}
	}
	return list
}

// GatherRows has every rank know all rows of some arrays, of which rank r has filled [bounds[r],bounds[r+1]).
func (g *Group) GatherRows(op string, bounds []int, arrays ...*kernels.Array) {
	if g == nil || g.carrier == nil {
		return
	}
	ranks := make([][]*kernels.Array, g.Ranks())
	for r := range ranks {
		for _, a := range arrays {
			ranks[r] = append(ranks[r], a.Rows(bounds[r], bounds[r+1]))
		}
	}
	g.swap(op, g.allBut(ranks[g.Rank()]), ranks)
}

// GatherShards is GatherRows where shard s has the rows [bounds[s],bounds[s+1]), and each rank those of its own shards.
func (g *Group) GatherShards(op string, bounds []int, arrays ...*kernels.Array) {
	ranks := make([]int, g.Ranks()+1)
	for r := range g.Ranks() {
		_, last := g.of(r)
		ranks[r+1] = bounds[last]
	}
	g.GatherRows(op, ranks, arrays...)
}

// allBut are the same arrays for every rank but this one.
func (g *Group) allBut(mine []*kernels.Array) [][]*kernels.Array {
	to := make([][]*kernels.Array, g.Ranks())
	for r := range to {
		if r != g.Rank() {
			to[r] = mine
		}
	}
	return to
}

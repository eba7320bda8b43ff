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
	g.gather(op, ranks)
}

// gather has every rank know the arrays of all. Large ones cross to each host once.
func (g *Group) gather(op string, ranks [][]*kernels.Array) {
	bytes := 0
	for _, arrays := range ranks {
		bytes += size(arrays)
	}
	if g.hosts != nil && bytes > small {
		g.gatherByHost(op, ranks)
		return
	}
	g.swap(op, g.allBut(ranks[g.Rank()]), ranks)
}

// gatherByHost sends what is of this rank to the others of its host, and to its deputies on other hosts, who pass it on there.
func (g *Group) gatherByHost(op string, ranks [][]*kernels.Array) {
	h, me := g.hosts, g.Rank()
	mine := ranks[me]
	to, from := make([][]*kernels.Array, len(ranks)), make([][]*kernels.Array, len(ranks))
	first, last := h.ranks(h.host[me])
	for r := first; r < last; r++ {
		to[r], from[r] = mine, ranks[r]
	}
	h.others(me, func(_, deputy int) { to[deputy] = mine })
	for _, r := range h.charges(me) {
		from[r] = ranks[r]
	}
	g.swap(op, to, from)
	foreign := func(deputy int) (list []*kernels.Array) {
		for _, r := range h.charges(deputy) {
			if r != deputy {
				list = append(list, ranks[r]...)
			}
		}
		return list
	}
	to, from = g.inHost(foreign)
	g.swap(op, to, from)
}

// inHost is what this rank, which has what held says of it, sends to the others of its host, and receives of them.
func (g *Group) inHost(held func(rank int) []*kernels.Array) (to, from [][]*kernels.Array) {
	to, from = make([][]*kernels.Array, g.Ranks()), make([][]*kernels.Array, g.Ranks())
	mine := held(g.Rank())
	first, last := g.hosts.ranks(g.hosts.host[g.Rank()])
	for r := first; r < last; r++ {
		to[r], from[r] = mine, held(r)
	}
	return to, from
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
	g.gather(op, ranks)
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

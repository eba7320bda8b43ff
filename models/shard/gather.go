package shard

import "udml-gpu/kernels"

// Gather has every rank know the results of all shards: all[s] is that of shard s. Those of the own shards are filled; the others are
// arrays of the shapes that they have there, and receive them. Elements that are nil or empty take no part.
func (g *Group) Gather(op string, all []*kernels.Array) {
	if g.carrier == nil {
		return
	}
	bytes := make([]int, g.Ranks())
	for r := range bytes {
		for _, a := range g.arrays(all, r) {
			bytes[r] += a.Bytes()
		}
	}
	buffers := make([][]byte, g.Ranks())
	for r, n := range bytes {
		buffers[r] = kernels.BorrowHost[uint8](n)
		defer kernels.ReturnHost(buffers[r])
	}
	mine, at := buffers[g.Rank()], 0
	for _, a := range g.arrays(all, g.Rank()) {
		a.CopyToHost(mine[at : at+a.Bytes()])
		at += a.Bytes()
	}
	from := make([][]byte, g.Ranks())
	copy(from, buffers)
	from[g.Rank()] = nil
	if g.toAll(op, mine, from); g.err != nil {
		return
	}
	for r, b := range from {
		at := 0
		for _, a := range g.arrays(all, r) {
			if b != nil {
				a.CopyFromHost(b[at : at+a.Bytes()])
			}
			at += a.Bytes()
		}
	}
}

// arrays are those of a rank's shards that take part.
func (g *Group) arrays(all []*kernels.Array, rank int) (list []*kernels.Array) {
	first, last := g.of(rank)
	for _, a := range all[first:last] {
		if a != nil && a.Len() > 0 {
			list = append(list, a)
		}
	}
	return list
}

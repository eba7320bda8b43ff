package shard

import "udml-gpu/kernels"

// Gather has every rank know the results of all shards: all[s] is that of shard s. Those of the own shards are filled; the others are
// arrays of the shapes that they have there, and receive them. Elements that are nil or empty take no part.
func (g *Group) Gather(op string, all []*kernels.Array) {
	if g == nil || g.carrier == nil {
		return
	}
	ranks := make([][]*kernels.Array, g.Ranks())
	for r := range ranks {
		first, last := g.of(r)
		for _, a := range all[first:last] {
			if a != nil && a.Len() > 0 {
				ranks[r] = append(ranks[r], a)
			}
		}
	}
	g.gather(op, ranks)
}

// GatherAll is Gather of several arrays at once: all[i][s] is that of shard s.
func (g *Group) GatherAll(op string, all [][]*kernels.Array) {
	if g == nil || g.carrier == nil {
		return
	}
	ranks := make([][]*kernels.Array, g.Ranks())
	for r := range ranks {
		first, last := g.of(r)
		for _, list := range all {
			ranks[r] = append(ranks[r], list[first:last]...)
		}
	}
	g.gather(op, ranks)
}

// GatherRows has every rank know all rows of some arrays, of which rank r has filled [bounds[r],bounds[r+1]).
func (g *Group) GatherRows(op string, bounds []int, arrays ...*kernels.Array) {
	if g == nil || g.carrier == nil {
		return
	}
	ranks := make([][]*kernels.Array, g.Ranks())
	for r := range ranks {
		for _, a := range arrays {
			if rows := a.Rows(bounds[r], bounds[r+1]); rows.Len() > 0 {
				ranks[r] = append(ranks[r], rows)
			}
		}
	}
	g.gather(op, ranks)
}

// gather sends the arrays of this rank to all and receives theirs.
func (g *Group) gather(op string, ranks [][]*kernels.Array) {
	if dev := deviceOf(ranks); dev != nil && g.direct(dev) {
		g.exchangeArrays(op, g.allBut(ranks[g.Rank()]), ranks)
		return
	}
	from := make([][]byte, len(ranks))
	for r, arrays := range ranks {
		from[r] = borrow(arrays)
		defer kernels.ReturnHost(from[r])
	}
	mine := from[g.Rank()]
	from[g.Rank()] = nil
	inPieces(ranks[g.Rank()], mine, (*kernels.Array).CopyToHost)
	if g.toAll(op, mine, from); g.err != nil {
		return
	}
	for r, b := range from {
		if r != g.Rank() {
			inPieces(ranks[r], b, (*kernels.Array).CopyFromHost)
		}
	}
}

// inPieces calls do with each array and its piece of b.
func inPieces(arrays []*kernels.Array, b []byte, do func(a *kernels.Array, piece []byte)) {
	for _, a := range arrays {
		do(a, b[:a.Bytes()])
		b = b[a.Bytes():]
	}
}

// deviceOf is the device of the arrays; nil where there are none.
func deviceOf(ranks [][]*kernels.Array) *kernels.Device {
	for _, arrays := range ranks {
		for _, a := range arrays {
			return a.Device()
		}
	}
	return nil
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

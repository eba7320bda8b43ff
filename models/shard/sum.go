package shard

import (
	"fmt"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// small is up to how many bytes a sum is formed on every rank, from what all send to all: one exchange. Beyond, each rank forms a part
// of it and sends that to all: two exchanges of half the bytes and less.
const small = 64 << 10

// sliceAlign is what the parts of a sum begin at multiples of, in elements.
const sliceAlign = 16

// Sum leaves the sum of all shards' parts in dst on every rank. parts are those of the own shards, of the shape of dst, float32 or
// float64, on one device; they are overwritten. live says of every shard whether it has a part: others count for nothing, not even for
// a zero, and their element of parts may be nil. The order of the additions is that of a balanced tree over the shards' numbers (node),
// unless AddFast lets it depend on the ranks.
// With no live shard dst becomes 0. dst may be one of the parts.
func (g *Group) Sum(op string, dst *kernels.Array, parts []*kernels.Array, live []bool) {
	g.sum(Exact, op, dst, parts, live, nil)
}

// SumBy is Sum of what a transport makes of the parts, and of the result.
func (g *Group) SumBy(by Transport, op string, dst *kernels.Array, parts []*kernels.Array, live []bool) {
	g.sum(by, op, dst, parts, live, nil)
}

// SumRows is Sum of arrays [bounds[S],...] of which each rank needs only the rows of its own shards, [bounds[s],bounds[s+1]) of shard s:
// on several ranks those alone of dst are written. Each rank forms its own, in one exchange, with the bytes of Sum.
func (g *Group) SumRows(op string, bounds []int, dst *kernels.Array, parts []*kernels.Array, live []bool) {
	per := 0 // elements of a row
	if n := bounds[g.shards]; n > 0 {
		per = dst.Len() / n
	}
	slices := make([]span, g.Ranks())
	for r := range slices {
		first, last := g.of(r)
		slices[r] = span{bounds[first] * per, bounds[last] * per}
	}
	g.sum(Exact, op, dst, parts, live, slices)
}

// sum is SumBy, or SumRows of which each rank needs a slice.
func (g *Group) sum(by Transport, op string, dst *kernels.Array, parts []*kernels.Array, live []bool, slices []span) {
	first, last := g.Own()
	if len(parts) != last-first || len(live) != g.shards {
		panic(fmt.Sprintf("shard.Sum: %d parts and %d marks for shards %d to %d of %d", len(parts), len(live), first, last, g.shards))
	}
	at := partsAt(parts, first, live)
	if by == Bfloat16 {
		for i, a := range parts {
			if live[first+i] {
				bfloat.Round(a)
			}
		}
	}
	if g.fast && g.carrier != nil {
		g.sumFast(op, dst, parts, live, slices)
		return
	}
	s := sum{g: g, op: op, by: by, dst: dst.Reshape(dst.Len()), live: live}
	if g.carrier == nil {
		s.put(dst, fold(node{0, g.shards}, at))
		return
	}
	for _, n := range s.nodes(first, last) {
		s.own = append(s.own, fold(n, at))
	}
	defer s.free()
	if slices == nil {
		s.run()
		return
	}
	s.form(slices)
}

// partsAt gives the parts of the own shards, of which first is the first, to fold.
func partsAt(parts []*kernels.Array, first int, live []bool) func(node) (*kernels.Array, bool) {
	return func(n node) (*kernels.Array, bool) {
		switch {
		case n.hi-n.lo > 1:
			return nil, false
		case live[n.lo]:
			return parts[n.lo-first], true
		}
		return nil, true
	}
}

// put is put of the sum, or of a slice of it.
func (s *sum) put(dst, total *kernels.Array) {
	if put(dst, total); s.by == Bfloat16 {
		bfloat.Round(dst)
	}
}

// put copies a sum, or zeros where there is none.
func put(dst, total *kernels.Array) {
	if total == nil {
		dst.Zero()
		return
	}
	dst.CopyFrom(total)
}

// sum is one Sum over several ranks.
type sum struct {
	g        *Group
	op       string
	by       Transport
	dst      *kernels.Array // flat
	live     []bool
	own      []*kernels.Array        // the live ones among the nodes of this rank, in order
	short    map[*kernels.Array]bool // what travels in bfloat16
	borrowed [][]byte
	scratch  []*kernels.Array
}

// span is the elements [lo,hi) of a sum.
type span struct{ lo, hi int }

func (s span) of(a *kernels.Array) *kernels.Array { return a.View(s.lo, s.hi-s.lo) }

// run has each rank form a slice of the sum and send it to all; a small one is formed whole on every rank.
func (s *sum) run() {
	whole, n := span{0, s.dst.Len()}, s.g.Ranks()
	slices := make([]span, n)
	for r := range slices {
		slices[r] = whole
		if s.dst.Bytes() > small {
			per := (s.dst.Len()/n + sliceAlign) / sliceAlign * sliceAlign
			slices[r] = span{min(r*per, whole.hi), min((r+1)*per, whole.hi)}
		}
	}
	switch {
	case s.dst.Bytes() <= small:
		s.form(slices)
	case s.g.hosts != nil:
		s.byHost(slices)
	default:
		s.form(slices)
		s.share(slices)
	}
}

// form leaves the sum of this rank's slice in its place.
func (s *sum) form(slices []span) {
	me := s.g.Rank()
	mine := slices[me]
	to, from := make([][]*kernels.Array, len(slices)), make([][]*kernels.Array, len(slices))
	parts := map[node]*kernels.Array{}
	for r, slice := range slices {
		to[r] = s.ownOf(slice)
		for i, n := range s.nodes(s.g.of(r)) {
			if r == me {
				parts[n] = to[me][i]
				continue
			}
			parts[n] = s.travels(n, s.temporary(s.dst.DType(), mine.hi-mine.lo))
			from[r] = append(from[r], parts[n])
		}
	}
	if s.swap(to, from); s.g.err != nil {
		return // no part has come
	}
	s.put(mine.of(s.dst), s.fold(node{0, s.g.shards}, parts))
}

// fold adds up a node from those that are there: all live ones that are whole somewhere.
func (s *sum) fold(n node, parts map[node]*kernels.Array) *kernels.Array {
	return fold(n, func(n node) (*kernels.Array, bool) {
		a := parts[n]
		return a, a != nil || !n.live(s.live)
	})
}

// share sends the slice that this rank has formed to all, and receives theirs.
func (s *sum) share(slices []span) {
	from := make([][]*kernels.Array, len(slices))
	for r, slice := range slices {
		from[r] = s.formed(slice)
	}
	s.swap(s.g.allBut(from[s.g.Rank()]), from)
}

// nodes are the live ones among the largest nodes of the shards [first,last).
func (s *sum) nodes(first, last int) (list []node) {
	for _, n := range (node{0, s.g.shards}).nodes(first, last) {
		if n.live(s.live) {
			list = append(list, n)
		}
	}
	return list
}

// ownOf are a slice of the nodes of this rank.
func (s *sum) ownOf(slice span) (list []*kernels.Array) {
	for i, n := range s.nodes(s.g.Own()) {
		list = append(list, s.travels(n, slice.of(s.own[i].Reshape(s.dst.Len()))))
	}
	return list
}

// formed is a slice of the sum.
func (s *sum) formed(slice span) []*kernels.Array {
	return []*kernels.Array{s.travels(node{0, s.g.shards}, slice.of(s.dst))}
}

// temporary is an array of n elements on the sum's device, until free.
func (s *sum) temporary(t kernels.DType, n int) *kernels.Array {
	if dev := s.dst.Device(); dev.CUDA() {
		s.scratch = append(s.scratch, dev.Scratch(t, n))
		return s.scratch[len(s.scratch)-1]
	}
	b := kernels.BorrowHost[uint8](n * t.Size())
	s.borrowed = append(s.borrowed, b)
	return kernels.WrapBytes(s.dst.Device(), t, b, n)
}

func (s *sum) free() {
	for _, b := range s.borrowed {
		kernels.ReturnHost(b)
	}
	for _, a := range s.scratch {
		a.Free()
	}
}

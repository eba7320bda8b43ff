package shard

import (
	"fmt"

	"udml-gpu/kernels"
)

// small is up to how many bytes a sum is formed on every rank, from what all send to all: one exchange. Beyond, each rank forms a part
// of it and sends that to all: two exchanges of half the bytes and less.
const small = 64 << 10

// sliceAlign is what the parts of a sum begin at multiples of, in elements.
const sliceAlign = 16

// Sum leaves the sum of all shards' parts in dst on every rank. parts are those of the own shards, of the shape of dst, float32 or
// float64, on one device; they are overwritten. live says of every shard whether it has a part: others count for nothing, not even for
// a zero, and their element of parts may be nil. The order of the additions is that of a balanced tree over the shards' numbers (node).
// With no live shard dst becomes 0. dst may be one of the parts.
func (g *Group) Sum(op string, dst *kernels.Array, parts []*kernels.Array, live []bool) {
	first, last := g.Own()
	if len(parts) != last-first || len(live) != g.shards {
		panic(fmt.Sprintf("shard.Sum: %d parts and %d marks for shards %d to %d of %d", len(parts), len(live), first, last, g.shards))
	}
	at := func(n node) (*kernels.Array, bool) {
		switch {
		case n.hi-n.lo > 1:
			return nil, false
		case live[n.lo]:
			return parts[n.lo-first], true
		}
		return nil, true
	}
	if g.carrier == nil {
		put(dst, fold(node{0, g.shards}, at))
		return
	}
	s := sum{g: g, op: op, dst: dst.Reshape(dst.Len()), live: live}
	for _, n := range (node{0, g.shards}).nodes(first, last) {
		if n.live(live) {
			s.own = append(s.own, fold(n, at))
		}
	}
	s.run()
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
	dst      *kernels.Array // flat
	live     []bool
	own      []*kernels.Array // the live ones among the nodes of this rank, in order
	borrowed [][]byte
}

// span is the elements [lo,hi) of a sum.
type span struct{ lo, hi int }

func (s span) of(a *kernels.Array) *kernels.Array { return a.View(s.lo, s.hi-s.lo) }

// run has each rank form a slice of the sum and send it to all; a small one is formed whole on every rank.
func (s *sum) run() {
	defer s.free()
	whole, n := span{0, s.dst.Len()}, s.g.Ranks()
	slices := make([]span, n)
	for r := range slices {
		slices[r] = whole
		if s.dst.Bytes() > small {
			per := (s.dst.Len()/n + sliceAlign) / sliceAlign * sliceAlign
			slices[r] = span{min(r*per, whole.hi), min((r+1)*per, whole.hi)}
		}
	}
	form, share := s.form, s.share
	if s.g.direct(s.dst.Device()) {
		form, share = s.formOnDevice, s.shareOnDevice
	}
	form(slices)
	if s.dst.Bytes() > small {
		share(slices)
	}
}

// form leaves the sum of this rank's slice in its place.
func (s *sum) form(slices []span) {
	g, size := s.g, s.dst.DType().Size()
	me, mine := g.Rank(), slices[g.Rank()]
	to, from := make([][]byte, len(slices)), make([][]byte, len(slices))
	for r, slice := range slices {
		if r == me {
			continue
		}
		bytes := (slice.hi - slice.lo) * size
		to[r] = s.borrow(len(s.own) * bytes)
		for i, a := range s.own {
			slice.of(a.Reshape(a.Len())).CopyToHost(to[r][i*bytes : (i+1)*bytes])
		}
		from[r] = s.borrow(len(s.nodes(r)) * (mine.hi - mine.lo) * size)
	}
	if g.exchange(s.op, to, from); g.err != nil {
		return
	}
	parts := map[node]*kernels.Array{}
	for r := range slices {
		for i, n := range s.nodes(r) {
			part := s.host(mine.hi - mine.lo)
			if parts[n] = part; r == me {
				part.CopyFrom(mine.of(s.own[i].Reshape(s.dst.Len())))
				continue
			}
			bytes := part.Bytes()
			part.CopyFromHost(from[r][i*bytes : (i+1)*bytes])
		}
	}
	s.put(mine, parts)
}

// put leaves the sum of the parts of this rank's slice in its place.
func (s *sum) put(mine span, parts map[node]*kernels.Array) {
	put(mine.of(s.dst), fold(node{0, s.g.shards}, func(n node) (*kernels.Array, bool) {
		a := parts[n]
		return a, a != nil || !n.live(s.live)
	}))
}

// share sends the slice that this rank has formed to all, and receives theirs.
func (s *sum) share(slices []span) {
	g, size := s.g, s.dst.DType().Size()
	mine, from := slices[g.Rank()].of(s.dst), make([][]byte, len(slices))
	for r, slice := range slices {
		if r != g.Rank() {
			from[r] = s.borrow((slice.hi - slice.lo) * size)
		}
	}
	send := s.borrow(mine.Bytes())
	mine.CopyToHost(send)
	if g.toAll(s.op, send, from); g.err != nil {
		return
	}
	for r, slice := range slices {
		if r != g.Rank() {
			slice.of(s.dst).CopyFromHost(from[r])
		}
	}
}

// nodes are the live ones among the nodes of a rank.
func (s *sum) nodes(rank int) (list []node) {
	first, last := s.g.of(rank)
	for _, n := range (node{0, s.g.shards}).nodes(first, last) {
		if n.live(s.live) {
			list = append(list, n)
		}
	}
	return list
}

// host is an array of n elements of the sum's dtype in borrowed memory of the host, where sums over ranks are formed on every device.
func (s *sum) host(n int) *kernels.Array {
	return kernels.WrapBytes(s.g.host, s.dst.DType(), s.borrow(n*s.dst.DType().Size()), n)
}

func (s *sum) borrow(bytes int) []byte {
	b := kernels.BorrowHost[uint8](bytes)
	s.borrowed = append(s.borrowed, b)
	return b
}

func (s *sum) free() {
	for _, b := range s.borrowed {
		kernels.ReturnHost(b)
	}
}

package shard

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// Transport is in which numbers a sum travels.
type Transport uint8

const (
	// Exact is in its own type.
	Exact Transport = iota
	// Bfloat16 is in half the bytes of float32, the type it is for: the part of each shard is rounded to bfloat16 before anything is added,
	// additions are in float32, and the sum of all shards is rounded to bfloat16. What ranks or hosts have added up between the two
	// travels in float32. So roundings depend on shards alone, and one process, which sends nothing, makes the same.
	Bfloat16
)

// travels notes that an array is a node's and travels in bfloat16, if it does: where it is the part of one shard, or the sum of all.
func (s *sum) travels(n node, a *kernels.Array) *kernels.Array {
	if s.short == nil {
		s.short = map[*kernels.Array]bool{}
	}
	size := n.hi - n.lo
	s.short[a] = s.by == Bfloat16 && (size == 1 || size == s.g.shards) // a may have been one of the node's parts before
	return a
}

// swap is Group.swap, with what travels in bfloat16 packed.
func (s *sum) swap(to, from [][]*kernels.Array) {
	if s.by == Exact {
		s.g.swap(s.op, to, from)
		return
	}
	in := make([][]*kernels.Array, len(from))
	for r, list := range from {
		for _, a := range list {
			if s.short[a] && r != s.g.Rank() {
				a = s.temporary(kernels.Uint8, bfloat.Bytes*a.Len())
			}
			in[r] = append(in[r], a)
		}
	}
	if s.g.swap(s.op, s.packed(to), in); s.g.err != nil {
		return
	}
	for r, list := range from {
		for i, a := range list {
			if s.short[a] && r != s.g.Rank() {
				bfloat.Unpack(a, in[r][i])
			}
		}
	}
}

// packed are the lists with what travels in bfloat16 packed; one that several ranks get stays one.
func (s *sum) packed(to [][]*kernels.Array) [][]*kernels.Array {
	out, before := make([][]*kernels.Array, len(to)), map[**kernels.Array]int{}
	for r, list := range to {
		if len(list) == 0 || r == s.g.Rank() {
			continue
		}
		if q, ok := before[&list[0]]; ok {
			out[r] = out[q]
			continue
		}
		before[&list[0]] = r
		for _, a := range list {
			if s.short[a] {
				p := s.temporary(kernels.Uint8, bfloat.Bytes*a.Len())
				bfloat.Pack(p, a)
				a = p
			}
			out[r] = append(out[r], a)
		}
	}
	return out
}

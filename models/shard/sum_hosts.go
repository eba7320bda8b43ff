package shard

import "udml-gpu/kernels"

// byHost is a large sum over two levels. The slices are those of one level, and so is the order of additions: the nodes of a host's ranks
// are nodes of the tree, and so are those that its shards make together.
//
//	in a host      a deputy adds up the host's nodes of its charges' slices
//	between hosts  each rank receives its slice's nodes of all hosts, forms the slice, and sends it to its deputies
//	in a host      deputies pass the slices on
//
// So a host sends and receives each element about once, not once for each of its ranks.
func (s *sum) byHost(slices []span) {
	h, me := s.g.hosts, s.g.Rank()
	folded := s.foldHost(slices)
	if s.g.err != nil || !s.formByHost(slices[me], folded) {
		return
	}
	to, from := make([][]*kernels.Array, len(slices)), make([][]*kernels.Array, len(slices))
	mine := s.formed(slices[me])
	h.others(me, func(_, deputy int) { to[deputy] = mine })
	held := func(rank int) (list []*kernels.Array) {
		for _, r := range h.charges(rank) {
			list = append(list, s.formed(slices[r])...)
		}
		return list
	}
	for _, r := range h.charges(me) {
		if r != me {
			from[r] = s.formed(slices[r])
		}
	}
	if s.swap(to, from); s.g.err == nil {
		s.swap(s.g.inHost(held))
	}
}

// foldHost gives the live nodes of this host, in order, of the slice of each charge of this rank.
func (s *sum) foldHost(slices []span) map[int][]*kernels.Array {
	h, me := s.g.hosts, s.g.Rank()
	to, from := make([][]*kernels.Array, len(slices)), make([][]*kernels.Array, len(slices))
	parts := map[int]map[node]*kernels.Array{} // by charge
	for _, r := range h.charges(me) {
		parts[r] = map[node]*kernels.Array{}
	}
	first, last := h.ranks(h.host[me])
	for p := first; p < last; p++ {
		for _, r := range h.charges(p) {
			to[p] = append(to[p], s.ownOf(slices[r])...)
		}
		for _, r := range h.charges(me) {
			for i, n := range s.nodes(s.g.of(p)) {
				if p == me {
					parts[r][n] = slices[r].of(s.own[i].Reshape(s.dst.Len()))
					continue
				}
				parts[r][n] = s.travels(n, s.temporary(s.dst.DType(), slices[r].hi-slices[r].lo))
				from[p] = append(from[p], parts[r][n])
			}
		}
	}
	folded := map[int][]*kernels.Array{}
	if s.swap(to, from); s.g.err != nil {
		return folded
	}
	for _, r := range h.charges(me) {
		for _, n := range s.nodes(s.shardsOf(h.host[me])) {
			folded[r] = append(folded[r], s.travels(n, s.fold(n, parts[r])))
		}
	}
	return folded
}

// formByHost leaves the sum of this rank's slice in its place. It says whether the others' parts of it have come.
func (s *sum) formByHost(mine span, folded map[int][]*kernels.Array) bool {
	h, me := s.g.hosts, s.g.Rank()
	to, from := make([][]*kernels.Array, s.g.Ranks()), make([][]*kernels.Array, s.g.Ranks())
	parts := map[node]*kernels.Array{}
	for r, list := range folded {
		if r != me {
			to[r] = list
		}
	}
	for i, n := range s.nodes(s.shardsOf(h.host[me])) {
		parts[n] = folded[me][i]
	}
	h.others(me, func(host, deputy int) {
		for _, n := range s.nodes(s.shardsOf(host)) {
			parts[n] = s.travels(n, s.temporary(s.dst.DType(), mine.hi-mine.lo))
			from[deputy] = append(from[deputy], parts[n])
		}
	})
	if s.swap(to, from); s.g.err != nil {
		return false
	}
	s.put(mine.of(s.dst), s.fold(node{0, s.g.shards}, parts))
	return true
}

// shardsOf are the shards [first,last) of a host.
func (s *sum) shardsOf(host int) (first, last int) {
	from, to := s.g.hosts.ranks(host)
	first, _ = s.g.of(from)
	_, last = s.g.of(to - 1)
	return first, last
}

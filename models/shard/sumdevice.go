package shard

import "udml-gpu/kernels"

// formOnDevice is form of arrays on a GPU: the parts of the other ranks come into its memory, and its kernels add them in the same order.
func (s *sum) formOnDevice(slices []span) {
	g, me := s.g, s.g.Rank()
	mine := slices[me]
	to, from := make([][]*kernels.Array, len(slices)), make([][]*kernels.Array, len(slices))
	parts := map[node]*kernels.Array{}
	for r, slice := range slices {
		for i, n := range s.nodes(r) {
			if r == me {
				parts[n] = mine.of(s.own[i].Reshape(s.dst.Len()))
				continue
			}
			part := s.dst.Device().Scratch(s.dst.DType(), mine.hi-mine.lo)
			defer part.Free()
			parts[n] = part
			from[r] = append(from[r], part)
		}
		for _, a := range s.own {
			if r != me {
				to[r] = append(to[r], slice.of(a.Reshape(s.dst.Len())))
			}
		}
	}
	g.exchangeArrays(s.op, to, from)
	s.put(mine, parts)
}

// shareOnDevice is share of arrays on a GPU.
func (s *sum) shareOnDevice(slices []span) {
	from := make([][]*kernels.Array, len(slices))
	for r, slice := range slices {
		from[r] = []*kernels.Array{slice.of(s.dst)}
	}
	s.g.exchangeArrays(s.op, s.g.allBut([]*kernels.Array{slices[s.g.Rank()].of(s.dst)}), from)
}

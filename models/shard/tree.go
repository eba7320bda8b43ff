package shard

import (
	"math/bits"

	"udml-gpu/kernels"
	"udml-gpu/kernels/join"
)

// node is the shards [lo,hi) of the tree in which sums are formed: the whole is [0,S), and a node of n > 1 shards is the sum of its first
// 2^k shards, 2^k the largest power of two below n, and of the rest: ((0+1)+(2+3))+4 for five.
type node struct{ lo, hi int }

// halves are the two nodes whose sum n is.
func (n node) halves() (a, b node) {
	mid := n.lo + 1<<(bits.Len(uint(n.hi-n.lo-1))-1)
	return node{n.lo, mid}, node{mid, n.hi}
}

// nodes are the largest nodes below n that lie within the shards [first,last), in order: what a rank with these shards can add up alone.
func (n node) nodes(first, last int) []node {
	switch {
	case n.hi <= first || last <= n.lo:
		return nil
	case first <= n.lo && n.hi <= last:
		return []node{n}
	}
	a, b := n.halves()
	return append(a.nodes(first, last), b.nodes(first, last)...)
}

// live says whether a shard of n is.
func (n node) live(live []bool) bool {
	for _, l := range live[n.lo:n.hi] {
		if l {
			return true
		}
	}
	return false
}

// fold adds up a node in the order of the tree. at gives the nodes that are there already; a nil array counts for nothing, not even for a
// zero. The sum is in the array of the first of them.
func fold(n node, at func(node) (*kernels.Array, bool)) *kernels.Array {
	if a, ok := at(n); ok {
		return a
	}
	left, right := n.halves()
	a, b := fold(left, at), fold(right, at)
	switch {
	case a == nil:
		return b
	case b != nil:
		join.AddTo(a, b)
	}
	return a
}

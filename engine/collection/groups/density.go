package groups

import (
	"cmp"
	"math"
	"slices"

	"udml-gpu/engine/collection/neighbours"
)

// densityNeighbours is how many neighbours the graph of density has at least.
const densityNeighbours = 32

// density is HDBSCAN (Campello, Moulavi, Sander 2013; sklearn.cluster.HDBSCAN with min_samples = min_cluster_size = minSize and the
// Euclidean distance): groups are where images lie denser than around them, and what lies in no such place has group -1. Its
// spanning tree is that of the exact neighbour graph; parts of the graph that no edge joins count as infinitely far from each other,
// which is the only difference, and none where the graph holds all pairs.
func density(g *neighbours.Graph, minSize int) []int32 {
	n := len(g.Items)
	of := make([]int32, n)
	if n < 2*minSize || g.K < minSize-1 {
		for i := range of {
			of[i] = -1
		}
		return of
	}
	t := condense(linkage(spanning(g, cores(g, minSize)), n), n, minSize)
	return t.labels(t.selected())
}

// euclidean is the distance of two unit vectors with that cosine.
func euclidean(score float32) float64 { return math.Sqrt(max(0, 2-2*float64(score))) }

// cores are the distances to the nearest image but minSize - 2: an image counts as the first of its own neighbours.
func cores(g *neighbours.Graph, minSize int) []float64 {
	core := make([]float64, len(g.Items))
	for i := range core {
		if minSize > 1 {
			_, score := g.Of(i)
			core[i] = euclidean(score[minSize-2])
		}
	}
	return core
}

// span is an edge of a spanning tree.
type span struct {
	a, b     int32
	distance float64
}

// spanning are the edges of a minimum spanning tree by mutual reachability, by rising length; parts are joined by infinite edges.
func spanning(g *neighbours.Graph, core []float64) []span {
	edges := g.Edges()
	all := make([]span, len(edges), len(edges)+1)
	for i, e := range edges {
		all[i] = span{e.A, e.B, max(euclidean(e.Score), core[e.A], core[e.B])}
	}
	slices.SortStableFunc(all, func(x, y span) int { return cmp.Compare(x.distance, y.distance) })
	u := newUnion(len(core))
	tree := make([]span, 0, len(core)-1)
	for _, e := range all {
		if u.join(e.a, e.b) {
			tree = append(tree, e)
		}
	}
	for i := 1; i < len(core); i++ {
		if u.join(0, int32(i)) {
			tree = append(tree, span{0, int32(i), math.Inf(1)})
		}
	}
	return tree
}

// union finds and joins sets.
type union struct{ parent []int32 }

func newUnion(n int) *union {
	u := &union{make([]int32, n)}
	for i := range u.parent {
		u.parent[i] = int32(i)
	}
	return u
}

func (u *union) find(i int32) int32 {
	for u.parent[i] != i {
		u.parent[i] = u.parent[u.parent[i]]
		i = u.parent[i]
	}
	return i
}

// join tells whether a and b were apart.
func (u *union) join(a, b int32) bool {
	a, b = u.find(a), u.find(b)
	if a == b {
		return false
	}
	u.parent[max(a, b)] = min(a, b)
	return true
}

// fork is a step of single linkage: nodes left and right, of which those below n are images, become node n + step.
type fork struct {
	left, right int32
	distance    float64
	size        int
}

// linkage joins the ends of the edges in their order.
func linkage(tree []span, n int) []fork {
	u, node := newUnion(n), make([]int32, n)
	size := make([]int, n, 2*n)
	for i := range node {
		node[i], size[i] = int32(i), 1
	}
	forks := make([]fork, 0, len(tree))
	for _, e := range tree {
		a, b := u.find(e.a), u.find(e.b)
		f := fork{node[a], node[b], e.distance, size[node[a]] + size[node[b]]}
		u.join(a, b)
		node[u.find(a)] = int32(n + len(forks))
		size = append(size, f.size)
		forks = append(forks, f)
	}
	return forks
}

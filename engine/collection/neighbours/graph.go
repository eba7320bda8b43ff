// Package neighbours finds the nearest neighbours of all items of a collection.
package neighbours

import (
	"slices"

	"udml-gpu/engine/collection"
	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
)

// Graph has the K nearest other items of each item, by cosine, best first; equal ones in the order of the collection.
type Graph struct {
	Items []int     // the items, ascending: node n is item Items[n]
	K     int       // at most; less than len(Items)
	To    []int32   // [N,K] nodes
	Score []float32 // [N,K] cosines
}

// rowBlock is how many items are searched for between two calls of progress.
const rowBlock = 4096

// Find is the exact graph of these items (ascending), of k neighbours or as many as there are. Memory is N K 8 bytes and, where the items
// do not follow each other, a copy of their rows. progress may be nil; stop ends the search early, and the graph is then useless.
func Find(dev *kernels.Device, c *collection.Collection, items []int, k int, progress func(done, total int), stop func() bool) *Graph {
	if len(items) < 2 {
		return &Graph{Items: items}
	}
	y := Rows(dev, c, items)
	defer y.Free()
	g := Among(y, k, progress, stop)
	g.Items = items
	return g
}

// Among is Find for rows y [N,D] of length 1: node n is row n.
func Among(y *kernels.Array, k int, progress func(done, total int), stop func() bool) *Graph {
	dev, n := y.Device(), y.Dim(0)
	k = max(0, min(k, n-1))
	g := &Graph{Items: make([]int, n), K: k, To: make([]int32, n*k), Score: make([]float32, n*k)}
	for i := range g.Items {
		g.Items[i] = i
	}
	if k == 0 {
		return g
	}
	for lo := 0; lo < n && !stop(); lo += rowBlock {
		hi := min(lo+rowBlock, n)
		vals, idx := dev.New(kernels.Float32, hi-lo, k), dev.New(kernels.Int32, hi-lo, k)
		distance.TopK(vals, idx, y.Rows(lo, hi), y, distance.InnerProduct, lo)
		kernels.ReadInto(g.Score[lo*k:hi*k], vals)
		kernels.ReadInto(g.To[lo*k:hi*k], idx)
		vals.Free()
		idx.Free()
		if progress != nil {
			progress(hi, n)
		}
	}
	return g
}

// Rows are the rows of the items (ascending) on dev: on a CPU a view where float32 ones follow each other. The caller frees it.
func Rows(dev *kernels.Device, c *collection.Collection, items []int) *kernels.Array {
	n := len(items)
	if n > 0 && items[n-1]-items[0] == n-1 && !dev.CUDA() {
		return c.Rows(dev, items[0], items[0]+n)
	}
	d := c.Dim()
	rows := make([]float32, n*d)
	for at, i := range items {
		row := rows[at*d : (at+1)*d]
		copy(row, c.RowIn(row, i))
	}
	return kernels.Of(dev, rows, n, d)
}

// Of are the neighbours of node n with their scores.
func (g *Graph) Of(n int) (to []int32, score []float32) {
	return g.To[n*g.K : (n+1)*g.K], g.Score[n*g.K : (n+1)*g.K]
}

// Edge joins two nodes, A < B.
type Edge struct {
	A, B  int32
	Score float32
}

// Edges are the edges of the graph, each once, by falling score, equal ones by their nodes.
func (g *Graph) Edges() []Edge {
	list := make([]Edge, 0, len(g.To))
	for n := range g.Items {
		to, score := g.Of(n)
		for j, m := range to {
			a, b := int32(n), m
			if a > b {
				a, b = b, a
			}
			list = append(list, Edge{a, b, score[j]})
		}
	}
	slices.SortFunc(list, func(x, y Edge) int {
		switch {
		case x.A != y.A:
			return int(x.A - y.A)
		case x.B != y.B:
			return int(x.B - y.B)
		}
		return compareScores(x.Score, y.Score) // both ends may round the product differently: the larger is kept
	})
	list = slices.CompactFunc(list, func(x, y Edge) bool { return x.A == y.A && x.B == y.B })
	slices.SortStableFunc(list, func(x, y Edge) int { return compareScores(x.Score, y.Score) })
	return list
}

// compareScores puts larger scores first.
func compareScores(a, b float32) int {
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	}
	return 0
}

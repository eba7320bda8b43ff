package groups

import (
	"container/heap"
	"context"
	"slices"

	"udml-gpu/engine/collection/neighbours"
	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
)

// linkNeighbours is how many neighbours of an image it may be joined with at first.
const linkNeighbours = 20

// hierarchical groups x by agglomeration into q.K groups or, where that is 0, into as many as choose finds.
func (r *Result) hierarchical(ctx context.Context, x *kernels.Array, g *neighbours.Graph, q Request) {
	stop := func() bool { return ctx.Err() != nil }
	m := agglomerate(x, g, stop, q.UI.Working("joining images"))
	k := q.K
	if k == 0 {
		k, r.Tried = choose(x.Dim(0), stop, q.UI.Working("choosing the number of groups"), func(k int) (float64, float64) {
			return silhouette(x, dense(m.cut(k)), k)
		})
	}
	r.Of = m.cut(k)
}

// dense are the same groups, numbered from 0 without gaps.
func dense(of []int32) []int32 {
	number, list := map[int32]int32{}, make([]int32, len(of))
	for i, g := range of {
		if _, ok := number[g]; !ok {
			number[g] = int32(len(number))
		}
		list[i] = number[g]
	}
	return list
}

// merges are the steps of an agglomeration of n images: groups A and B, numbers below n being images, become group n + step.
type merges struct {
	n     int
	steps [][2]int32
}

// toldSteps is how many steps lie between two reports of the progress.
const toldSteps = 256

// agglomerate joins groups until one is left: each time the two that are most alike of those that are linked. Likeness is average
// linkage, the mean cosine between their images, which is the product of their means; groups are linked where one has an image among the
// neighbours of an image of the other. Where no link is left the means are linked with their nearest. So it is average linkage
// (sklearn.cluster.AgglomerativeClustering, linkage average, metric cosine) with the graph as connectivity, and without
// it where the graph holds all pairs. Of equal pairs the one with the smaller numbers is joined. tell is told how many images are joined.
func agglomerate(x *kernels.Array, g *neighbours.Graph, stop func() bool, tell func(done, total int)) merges {
	n, d := x.Dim(0), x.Dim(1)
	a := &agglomeration{d: d, sum: make([][]float64, n, 2*n), size: make([]float64, n, 2*n), links: make([]map[int32]bool, n, 2*n)}
	rows := kernels.Read[float32](x)
	for i := range n {
		a.sum[i], a.size[i], a.links[i] = make([]float64, d), 1, map[int32]bool{}
		for p, v := range rows[i*d : (i+1)*d] {
			a.sum[i][p] = float64(v)
		}
	}
	for _, e := range g.Edges() {
		a.link(e.A, e.B)
	}
	heap.Init(&a.queue)
	m := merges{n: n}
	defer tell(n, n)
	for len(m.steps) < n-1 && !stop() {
		if a.queue.Len() == 0 {
			a.linkMeans()
		}
		l := heap.Pop(&a.queue).(link)
		if a.links[l.a] == nil || a.links[l.b] == nil { // one of them is part of another group by now
			continue
		}
		if len(m.steps)%toldSteps == 0 {
			tell(len(m.steps), n)
		}
		m.steps = append(m.steps, [2]int32{l.a, l.b})
		a.join(l.a, l.b)
	}
	return m
}

// agglomeration is the state of agglomerate. Groups that have been joined have no links.
type agglomeration struct {
	d     int
	sum   [][]float64 // of the rows of each group
	size  []float64
	links []map[int32]bool
	queue linkQueue
}

// link makes it possible to join a and b.
func (a *agglomeration) link(g, h int32) {
	if g > h {
		g, h = h, g
	}
	if a.links[g][h] {
		return
	}
	a.links[g][h], a.links[h][g] = true, true
	dot := 0.0
	for p, v := range a.sum[g] {
		dot += v * a.sum[h][p]
	}
	heap.Push(&a.queue, link{g, h, dot / (a.size[g] * a.size[h])})
}

// join makes a new group of two.
func (a *agglomeration) join(g, h int32) {
	to := int32(len(a.sum))
	sum := a.sum[g]
	for p, v := range a.sum[h] {
		sum[p] += v
	}
	a.sum, a.size, a.links = append(a.sum, sum), append(a.size, a.size[g]+a.size[h]), append(a.links, map[int32]bool{})
	var near []int32
	for _, from := range []int32{g, h} {
		for other := range a.links[from] {
			delete(a.links[other], from)
			if other != g && other != h {
				near = append(near, other)
			}
		}
		a.links[from], a.sum[from] = nil, nil
	}
	slices.Sort(near) // the order of a map is none
	for _, other := range slices.Compact(near) {
		a.link(other, to)
	}
}

// linkMeans links each group that is left with the ten whose means are most like its own.
func (a *agglomeration) linkMeans() {
	const near = 10
	var left []int32
	var means []float32
	for g, links := range a.links {
		if links != nil {
			left = append(left, int32(g))
			for _, v := range a.sum[g] {
				means = append(means, float32(v/a.size[g]))
			}
		}
	}
	dev := kernels.CPU()
	defer dev.Close()
	y := kernels.Wrap(dev, means, len(left), a.d)
	k := min(near, len(left)-1)
	vals, idx := dev.New(kernels.Float32, len(left), k), dev.New(kernels.Int32, len(left), k)
	defer vals.Free()
	defer idx.Free()
	distance.TopK(vals, idx, y, y, distance.InnerProduct, 0)
	for i, j := range kernels.Data[int32](idx) {
		if j >= 0 {
			a.link(left[i/k], left[j])
		}
	}
}

// cut are the groups of the images when k are left, numbered by their first images.
func (m *merges) cut(k int) []int32 {
	parent := make([]int32, m.n+len(m.steps))
	for i := range parent {
		parent[i] = int32(i)
	}
	for s, pair := range m.steps[:max(0, min(len(m.steps), m.n-k))] {
		parent[pair[0]], parent[pair[1]] = int32(m.n+s), int32(m.n+s)
	}
	of := make([]int32, m.n)
	for i := len(parent) - 1; i >= 0; i-- { // a group comes after its parts
		if parent[i] != int32(i) {
			parent[i] = parent[parent[i]]
		}
	}
	copy(of, parent)
	return of
}

// link is a pair of groups that may be joined, g < h.
type link struct {
	a, b  int32
	score float64
}

// linkQueue is a heap of links, the most alike first.
type linkQueue []link

func (q linkQueue) Len() int { return len(q) }
func (q linkQueue) Less(i, j int) bool {
	switch x, y := q[i], q[j]; {
	case x.score != y.score:
		return x.score > y.score
	case x.a != y.a:
		return x.a < y.a
	default:
		return x.b < y.b
	}
}
func (q linkQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *linkQueue) Push(l any)   { *q = append(*q, l.(link)) }
func (q *linkQueue) Pop() any {
	old := *q
	l := old[len(old)-1]
	*q = old[:len(old)-1]
	return l
}

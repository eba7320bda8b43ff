package layout

import (
	"math"
	"slices"

	"udml-gpu/engine/collection/neighbours"
	"udml-gpu/kernels"
)

// fuzzy is a graph without directions: node n has the edges Start[n] to Start[n+1], by rising node, and each edge stands at both its ends.
type fuzzy struct {
	start  []int
	to     []int32
	weight []float32 // above 0 to 1: how surely the two are neighbours
}

// roundedDistance is the cosine distance below which rows count as equal: products of float32 rows of length 1 err by less.
const roundedDistance = 1e-6

// The search of umap-learn's smooth_knn_dist for the width of a neighbourhood.
const (
	widthSteps     = 64
	widthTolerance = 1e-5
	leastWidth     = 1e-3 // of the mean distance
)

// strengths gives each edge of the graph its strength [N,K], as umap-learn's smooth_knn_dist and compute_membership_strengths do with
// local_connectivity 1: exp(-(d - nearest)/width), where nearest is the smallest distance that is not 0 and the strengths of a node sum to
// log2(K+1), as the node itself counts among its n_neighbors there.
func strengths(g *neighbours.Graph) []float32 {
	n, k := len(g.Items), g.K
	dist, list := make([]float32, n*k), make([]float32, n*k)
	total := 0.0
	for i, s := range g.Score {
		if d := 1 - s; d > roundedDistance && g.To[i] >= 0 {
			dist[i] = d
			total += float64(d)
		}
	}
	mean := total / float64(max(1, n*(k+1)))
	kernels.Tiles(n, 256, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			nodeStrengths(list[i*k:(i+1)*k], dist[i*k:(i+1)*k], mean)
		}
	})
	return list
}

// nodeStrengths is strengths of a node with these distances, ascending; mean is that of all nodes.
func nodeStrengths(to, dist []float32, mean float64) {
	nearest, own := float32(0), 0.0
	for _, d := range dist {
		if nearest == 0 {
			nearest = d
		}
		own += float64(d)
	}
	least := leastWidth * mean
	if nearest > 0 {
		least = leastWidth * own / float64(len(dist)+1)
	}
	width := max(least, widthOf(dist, nearest))
	for j, d := range dist {
		to[j] = 1
		if d > nearest && width > 0 {
			to[j] = float32(math.Exp(-float64(d-nearest) / width))
		}
	}
}

// widthOf halves intervals until the strengths sum to log2(K+1).
func widthOf(dist []float32, nearest float32) float64 {
	lo, hi, width, want := 0.0, math.Inf(1), 1.0, math.Log2(float64(len(dist)+1))
	for range widthSteps {
		sum := 0.0
		for _, d := range dist {
			if d > nearest {
				sum += math.Exp(-float64(d-nearest) / width)
			} else {
				sum++
			}
		}
		switch {
		case math.Abs(sum-want) < widthTolerance:
			return width
		case sum > want:
			hi = width
		default:
			lo = width
		}
		if width = (lo + hi) / 2; math.IsInf(hi, 1) {
			width = 2 * lo
		}
	}
	return width
}

// union joins the strengths a and b of both directions of an edge to a + b - a b.
func union(g *neighbours.Graph) *fuzzy {
	n, k := len(g.Items), g.K
	list := strengths(g)
	in := make([]int, n+1) // edges that end at each node, then where they begin
	for _, to := range g.To {
		if to >= 0 { // rows that are not finite have no neighbours
			in[to+1]++
		}
	}
	for i := range n {
		in[i+1] += in[i]
	}
	from, back, next := make([]int32, n*k), make([]float32, n*k), slices.Clone(in)
	for at, to := range g.To {
		if to < 0 {
			continue
		}
		from[next[to]], back[next[to]] = int32(at/k), list[at]
		next[to]++
	}
	f := &fuzzy{start: make([]int, 1, n+1), to: make([]int32, 0, 2*n*k), weight: make([]float32, 0, 2*n*k)}
	var out []link
	for i := range n {
		out = out[:0]
		for j := i * k; j < (i+1)*k; j++ {
			if g.To[j] >= 0 {
				out = append(out, link{g.To[j], list[j]})
			}
		}
		slices.SortFunc(out, func(a, b link) int { return int(a.to - b.to) })
		f.merge(out, from[in[i]:in[i+1]], back[in[i]:in[i+1]])
	}
	return f
}

// link is an edge from a node that is being merged.
type link struct {
	to     int32
	weight float32
}

// merge adds the next node, with the edges out of it and into it, both by rising node.
func (f *fuzzy) merge(out []link, from []int32, back []float32) {
	for i, j := 0, 0; i < len(out) || j < len(from); {
		to, a, b := int32(math.MaxInt32), float32(0), float32(0)
		if i < len(out) {
			to = out[i].to
		}
		if j < len(from) {
			to = min(to, from[j])
		}
		if i < len(out) && out[i].to == to {
			a = out[i].weight
			i++
		}
		if j < len(from) && from[j] == to {
			b = back[j]
			j++
		}
		f.to, f.weight = append(f.to, to), append(f.weight, a+b-a*b)
	}
	f.start = append(f.start, len(f.to))
}

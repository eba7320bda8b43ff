package search

import (
	"math"
	"slices"

	"udml-gpu/engine/collection"
)

// The settings of k-reciprocal re-ranking, as in the paper.
const (
	rerankK1     = 20
	rerankK2     = 6
	rerankLambda = 0.3
)

// RerankDepth is how many hits of a first search Rerank should be given to order k of them well.
func RerankDepth(k int) int { return max(200, 2*k) }

// Rerank orders hits anew by k-reciprocal encoding (Zhong, Zheng, Cao, Li, CVPR 2017, with k1 20, k2 6 and lambda 0.3): an item counts
// as near if it and the query are among each other's neighbours. Neighbours are those among query and hits, so that the work grows
// with the square of the hits and not with the collection. The new scores are 1 minus the mixed distance, whose parts are the Jaccard
// distance and 1 minus the cosine (the published program takes the squared distance over its largest value).
func Rerank(c *collection.Collection, query []float32, hits []Hit) []Hit {
	if len(hits) == 0 {
		return nil
	}
	r := newReciprocal(c, query, hits)
	features := r.features()
	out := make([]Hit, len(hits))
	for j, h := range hits {
		jaccard := 1 - overlap(features[0], features[j+1])
		out[j] = Hit{h.Item, float32(1 - ((1-rerankLambda)*jaccard + rerankLambda*r.distance[0][j+1]))}
	}
	slices.SortStableFunc(out, byScore)
	return out
}

// reciprocal holds the distances among the query, which is row 0, and the hits.
type reciprocal struct {
	n        int
	distance [][]float64 // 1 - cosine
	order    [][]int     // neighbours of each row, itself first
}

func newReciprocal(c *collection.Collection, query []float32, hits []Hit) *reciprocal {
	rows := [][]float32{query}
	for _, h := range hits {
		rows = append(rows, c.Row(h.Item))
	}
	r := &reciprocal{n: len(rows), distance: make([][]float64, len(rows)), order: make([][]int, len(rows))}
	for i := range rows {
		r.distance[i] = make([]float64, r.n)
		for j := range rows {
			if i != j {
				r.distance[i][j] = 1 - dot(rows[i], rows[j])
			}
		}
	}
	for i := range rows {
		order := make([]int, r.n)
		for j := range order {
			order[j] = j
		}
		slices.SortStableFunc(order, func(a, b int) int {
			switch {
			case a == i || b == i: // itself first, also before an equal row
				return first(i, a, b)
			case r.distance[i][a] < r.distance[i][b]:
				return -1
			case r.distance[i][a] > r.distance[i][b]:
				return 1
			}
			return 0
		})
		r.order[i] = order
	}
	return r
}

// first orders a and b, of which one at least is i, with i in front.
func first(i, a, b int) int {
	switch {
	case a == b:
		return 0
	case a == i:
		return -1
	}
	return 1
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// neighbours are the k nearest rows of i that have i among their own k nearest; k counts the row itself as one more.
func (r *reciprocal) neighbours(i, k int) []int {
	k = min(k+1, r.n)
	var list []int
	for _, j := range r.order[i][:k] {
		if slices.Contains(r.order[j][:k], i) {
			list = append(list, j)
		}
	}
	return list
}

// expanded are the neighbours of i with those of each neighbour of which two thirds are shared (equation 5).
func (r *reciprocal) expanded(i int) []int {
	own := r.neighbours(i, rerankK1)
	all := slices.Clone(own)
	for _, j := range own {
		half := r.neighbours(j, int(math.Round(rerankK1/2.0)))
		shared := 0
		for _, h := range half {
			if slices.Contains(own, h) {
				shared++
			}
		}
		if 3*shared > 2*len(half) {
			all = append(all, half...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// features are the weights of each row's neighbours (equation 7), averaged over its k2 nearest rows (equation 11).
func (r *reciprocal) features() [][]float64 {
	single := make([][]float64, r.n)
	for i := range single {
		single[i] = make([]float64, r.n)
		sum := 0.0
		near := r.expanded(i)
		for _, j := range near {
			single[i][j] = math.Exp(-r.distance[i][j])
			sum += single[i][j]
		}
		for _, j := range near {
			single[i][j] /= sum
		}
	}
	k := min(rerankK2, r.n)
	mean := make([][]float64, r.n)
	for i := range mean {
		mean[i] = make([]float64, r.n)
		for _, j := range r.order[i][:k] {
			for l, v := range single[j] {
				mean[i][l] += v / float64(k)
			}
		}
	}
	return mean
}

// overlap is the Jaccard similarity of two rows of weights.
func overlap(a, b []float64) float64 {
	low, high := 0.0, 0.0
	for i := range a {
		low += min(a[i], b[i])
		high += max(a[i], b[i])
	}
	if high == 0 {
		return 0
	}
	return low / high
}

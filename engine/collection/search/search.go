// Package search finds the items of a collection that are like an example, or a sum of examples.
package search

import (
	"cmp"
	"math"

	"udml-gpu/engine/collection"
	"udml-gpu/kernels"
)

// Hit is an item that was found.
type Hit struct {
	Item  int     // index in the collection
	Score float32 // cosine of the angle between it and the query; of re-ranked hits see Rerank
}

// Nearest finds the k items with the largest cosine to query [D], a unit vector, best first, equal ones in the order of the collection:
// exactly. allowed are the indices of the items searched, ascending; dev is where the products are computed. Fewer than k hits mean
// that there are no more items.
func Nearest(dev *kernels.Device, c *collection.Collection, query []float32, allowed []int, k int) []Hit {
	return scan{dev: dev, c: c, query: query}.nearest(allowed, k)
}

// nearest is Nearest of the scan's query.
func (s scan) nearest(allowed []int, k int) []Hit {
	k = min(k, len(allowed))
	if k == 0 {
		return nil
	}
	switch {
	case s.dev.CUDA() || !s.c.HasHalves():
		return s.best(allowed, k, s.inRows)
	case s.c.Float16():
		return s.best(allowed, k, s.inHalves)
	}
	return s.inTwoPasses(allowed, k)
}

func byScore(a, b Hit) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Item, b.Item))
}

// Example is a unit vector with its weight in a query: negative for what the results are not to be like.
type Example struct {
	Vector []float32
	Weight float64
}

// Sum is the unit vector [D] of the weighted sum of examples; nil where it is zero.
func Sum(examples []Example) []float32 {
	total := make([]float64, len(examples[0].Vector))
	for _, e := range examples {
		for i, v := range e.Vector {
			total[i] += e.Weight * float64(v)
		}
	}
	return unit(total)
}

// unit is v at length 1; nil where it is zero.
func unit(v []float64) []float32 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	if !(sum > 0) || math.IsInf(sum, 0) {
		return nil
	}
	out, scale := make([]float32, len(v)), 1/math.Sqrt(sum)
	for i, x := range v {
		out[i] = float32(x * scale)
	}
	return out
}

// Package search finds the items of a collection that are like an example, or a sum of examples.
package search

import (
	"cmp"
	"math"
	"slices"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/neighbours"
	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
)

// Hit is an item that was found.
type Hit struct {
	Item  int     // index in the collection
	Score float32 // cosine of the angle between it and the query; of re-ranked hits see Rerank
}

// blockRows is how many rows a core searches at a time, whatever the number of cores: 8 MiB at 128 columns.
const blockRows = 1 << 14

// Nearest finds the k items with the largest cosine to query [D], a unit vector, best first, equal ones in the order of the collection:
// exactly, by distance.TopK in blocks. allowed are the indices of the items searched, ascending; dev is where the products are
// computed. Fewer than k hits mean that there are no more items.
func Nearest(dev *kernels.Device, c *collection.Collection, query []float32, allowed []int, k int) []Hit {
	k = min(k, len(allowed))
	if k == 0 {
		return nil
	}
	blocks := make([][]Hit, kernels.TileCount(len(allowed), blockRows))
	if dev.CUDA() {
		for b := range blocks {
			blocks[b] = block(dev, c, query, part(allowed, b), k)
		}
	} else {
		kernels.Tiles(len(blocks), 1, func(lo, hi int) {
			for b := lo; b < hi; b++ {
				blocks[b] = block(dev, c, query, part(allowed, b), k)
			}
		})
	}
	hits := slices.Concat(blocks...)
	slices.SortStableFunc(hits, byScore)
	return hits[:min(k, len(hits))]
}

// part are the items of a block.
func part(allowed []int, block int) []int {
	return allowed[block*blockRows : min((block+1)*blockRows, len(allowed))]
}

func byScore(a, b Hit) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Item, b.Item))
}

// block is Nearest of one block.
func block(dev *kernels.Device, c *collection.Collection, query []float32, items []int, k int) []Hit {
	k = min(k, len(items))
	x := kernels.Of(dev, query, 1, len(query))
	defer x.Free()
	y := neighbours.Rows(dev, c, items)
	defer y.Free()
	vals, idx := dev.New(kernels.Float32, 1, k), dev.New(kernels.Int32, 1, k)
	defer vals.Free()
	defer idx.Free()
	distance.TopK(vals, idx, x, y, distance.InnerProduct, -1)
	scores, at := kernels.Read[float32](vals), kernels.Read[int32](idx)
	hits := make([]Hit, 0, k)
	for j, i := range at {
		if i >= 0 {
			hits = append(hits, Hit{items[i], scores[j]})
		}
	}
	return hits
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

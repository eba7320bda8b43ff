package search

import (
	"math"
	"slices"
	"sync"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/neighbours"
	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
	"udml-gpu/kernels/half"
)

// blockRows is how many rows a core searches at a time, whatever the number of cores: 8 MiB of float32 at 128 columns.
const blockRows = 1 << 14

// scan is a search for the items most similar to a query [D].
type scan struct {
	dev   *kernels.Device
	c     *collection.Collection
	query []float32
	// progress is told how many blocks of how many are searched, by one goroutine at a time; nil: nothing is reported.
	progress func(done, total int)
}

// best finds the k best of the items by a search of blocks of them, on a CPU side by side.
func (s scan) best(items []int, k int, search func(items []int, k int) []Hit) []Hit {
	blocks := make([][]Hit, kernels.TileCount(len(items), blockRows))
	tile := 1
	if s.dev.CUDA() {
		tile = len(blocks)
	}
	var telling sync.Mutex
	done := 0
	kernels.Tiles(len(blocks), tile, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			blocks[b] = inBlock(items[b*blockRows:min((b+1)*blockRows, len(items))], k, search)
			if s.progress != nil {
				telling.Lock()
				done++
				s.progress(done, len(blocks))
				telling.Unlock()
			}
		}
	})
	hits := slices.Concat(blocks...)
	slices.SortStableFunc(hits, byScore)
	return hits[:min(k, len(hits))]
}

// inBlock is search. Where few items are missing between the first and the last, these are searched as well, and dropped: rows side by
// side need no copy.
func inBlock(items []int, k int, search func(items []int, k int) []Hit) []Hit {
	first := items[0]
	all := items[len(items)-1] - first + 1
	missing := all - len(items)
	if missing == 0 || missing > len(items)/8 {
		return search(items, k)
	}
	span := make([]int, all)
	for i := range span {
		span[i] = first + i
	}
	hits := slices.DeleteFunc(search(span, k+missing), func(h Hit) bool {
		_, ok := slices.BinarySearch(items, h.Item)
		return !ok
	})
	return hits[:min(k, len(hits))]
}

// inRows is the best of the items by their float32 rows.
func (s scan) inRows(items []int, k int) []Hit {
	y := neighbours.Rows(s.dev, s.c, items)
	defer y.Free()
	return s.top(items, k, func(vals, idx, x *kernels.Array) { distance.TopK(vals, idx, x, y, distance.InnerProduct, -1) })
}

// inHalves is the best of the items by their float16 rows.
func (s scan) inHalves(items []int, k int) []Hit {
	var y []uint16
	if first := items[0]; items[len(items)-1]-first == len(items)-1 {
		y = s.c.Halves(first, first+len(items))
	} else {
		for _, i := range items {
			y = append(y, s.c.Halves(i, i+1)...)
		}
	}
	return s.top(items, k, func(vals, idx, x *kernels.Array) { distance.TopKHalf(vals, idx, x, y) })
}

// top are the hits among items that a search for the query finds.
func (s scan) top(items []int, k int, search func(vals, idx, x *kernels.Array)) []Hit {
	k = min(k, len(items))
	x := kernels.Of(s.dev, s.query, 1, len(s.query))
	defer x.Free()
	vals, idx := s.dev.New(kernels.Float32, 1, k), s.dev.New(kernels.Int32, 1, k)
	defer vals.Free()
	defer idx.Free()
	search(vals, idx, x)
	scores, at := kernels.Read[float32](vals), kernels.Read[int32](idx)
	hits := make([]Hit, 0, k)
	for j, i := range at {
		if i >= 0 {
			hits = append(hits, Hit{items[i], scores[j]})
		}
	}
	return hits
}

// inTwoPasses is the best of the items by float32 rows, where the float16 ones tell which can be: those that are left out score less than
// the k-th hit even where rounding has cost them halfError. Where more than an eighth of the items would have to be looked at again, all
// of them are.
func (s scan) inTwoPasses(items []int, k int) []Hit {
	for depth := 4*k + 64; depth < len(items)/8; depth *= 4 {
		first := s.best(items, depth, s.inHalves)
		if len(first) < depth { // NaN is no hit
			break
		}
		again := make([]int, len(first))
		for n, h := range first {
			again[n] = h.Item
		}
		slices.Sort(again)
		hits := s.best(again, k, s.inRows)
		if len(hits) == k && first[depth-1].Score+halfError(len(s.query)) < hits[k-1].Score {
			return hits
		}
	}
	return s.best(items, k, s.inRows)
}

// halfError bounds the difference of two products of unit vectors with d columns in float32, of which one has a factor rounded to
// float16: the length of what the rounding takes, and twice d roundings of float32.
func halfError(d int) float32 {
	return float32(half.Error + half.Smallest*math.Sqrt(float64(d)) + 2*0x1p-24*float64(d))
}

package duplicates

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// pair is two items, a before b.
type pair struct {
	a, b       int32
	similarity float64
	match      float32 // correlation of the pictures, or unmatched
}

// unmatched is the match of a pair whose pictures were not compared.
const unmatched = -2

// byBest puts more similar pairs first; no two pairs are equal.
func byBest(p, q pair) int {
	return cmp.Or(cmp.Compare(q.similarity, p.similarity), cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b))
}

// reaching is how many of the pairs, in the order of byBest, are at least that similar.
func reaching(pairs []pair, similarity float64) int {
	n, _ := slices.BinarySearchFunc(pairs, similarity, func(p pair, t float64) int {
		if p.similarity >= t {
			return -1
		}
		return 1
	})
	return n
}

// newBest keeps the most similar limit pairs.
func newBest(limit int) *best {
	b := &best{limit: limit}
	b.least.Store(math.Float64bits(math.Inf(-1)))
	return b
}

// best keeps the most similar of the pairs that it is given, in any order and from several goroutines at once: the same ones always.
type best struct {
	limit int

	least atomic.Uint64 // math.Float64bits of a similarity below which none is kept any more
	mu    sync.Mutex
	list  []pair
	cut   bool
}

// below tells whether a pair of that similarity would not be kept.
func (b *best) below(similarity float64) bool {
	return similarity < math.Float64frombits(b.least.Load())
}

// add takes pairs.
func (b *best) add(pairs []pair) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.list = append(b.list, pairs...); len(b.list) >= 2*b.limit {
		b.trim()
	}
}

func (b *best) trim() {
	slices.SortFunc(b.list, byBest)
	if len(b.list) > b.limit {
		b.list, b.cut = b.list[:b.limit], true
		b.least.Store(math.Float64bits(b.list[b.limit-1].similarity))
	}
}

// pairs are those that are kept, best first.
func (b *best) pairs() []pair {
	b.trim()
	return b.list
}

package duplicates

import (
	"slices"

	"udml-gpu/engine/collection"
)

// At are the groups that kept duplicates have at a threshold that is not below theirs: of near duplicates those of complete linkage among
// the kept pairs that reach it, the others as they are. The image to keep is that of a kept group; where several were to keep, or none,
// the usual order decides.
func At(items []collection.Item, d *collection.Duplicates, threshold float64) []collection.DuplicateGroup {
	if threshold <= d.Threshold {
		return d.Groups
	}
	var out []collection.DuplicateGroup
	kept := map[int]bool{}
	for _, g := range d.Groups {
		if g.Kind == string(Near) {
			kept[int(g.Of[0])] = true
		} else {
			out = append(out, g)
		}
	}
	var pairs []pair
	for _, p := range d.Near {
		if p.Similarity >= threshold {
			pairs = append(pairs, pair{a: min(p.A, p.B), b: max(p.A, p.B), similarity: p.Similarity, match: unmatched})
		}
	}
	slices.SortFunc(pairs, byBest)
	groups := linked(pairs)
	least := leastOf(groups, pairs)
	for n, list := range groups {
		g := collection.DuplicateGroup{Kind: string(Near), MinSimilarity: least[n]}
		best := bestOf(items, list, kept)
		g.Of = []int32{int32(best)}
		for _, i := range list {
			if i != best {
				g.Of, g.Saved = append(g.Of, int32(i)), g.Saved+items[i].Size
			}
		}
		out = append(out, g)
	}
	return out
}

// bestOf is the item of the list to keep.
func bestOf(items []collection.Item, list []int, kept map[int]bool) int {
	var were []int
	for _, i := range list {
		if kept[i] {
			were = append(were, i)
		}
	}
	switch len(were) {
	case 0:
		were = list
	case 1:
		return were[0]
	}
	best, _ := ruleNames.best(items, were)
	return best
}

// leastOf is the least similarity within each of the groups. The pairs fall.
func leastOf(groups [][]int, pairs []pair) []float64 {
	of := map[int32]int{}
	for n, list := range groups {
		for _, i := range list {
			of[int32(i)] = n
		}
	}
	least := make([]float64, len(groups))
	for _, p := range pairs {
		a, ok := of[p.a]
		if b, in := of[p.b]; ok && in && a == b {
			least[a] = p.similarity
		}
	}
	return least
}

package duplicates

import "slices"

// neighboursEach bounds the neighbours of an image of the sample that are compared with it.
const neighboursEach = 16

// neighbours are pairs of the sample with images whose hashes are near enough: of each image the most similar few. all are the
// similarities of all its pairs, near of those with near hashes.
func (f *finder) neighbours(sample, unique []int) (pairs []pair, all, near levelCounts) {
	counts := make([][2]levelCounts, len(sample))
	lists := make([]*best, len(sample))
	for k := range lists {
		lists[k] = newBest(neighboursEach)
	}
	f.compare(sample, unique, false, func(i, first int, scores []float32) {
		a := sample[i]
		for k, s := range scores {
			b := unique[first+k]
			if a == b {
				continue
			}
			counts[i][0].add(s)
			if hashDistance(&f.c.Items[a], &f.c.Items[b]) <= f.hashBits {
				counts[i][1].add(s)
				lists[i].add([]pair{{a: int32(min(a, b)), b: int32(max(a, b)), similarity: float64(s), match: unmatched}})
			}
		}
	})
	for k := range lists {
		for _, p := range lists[k].pairs() {
			p.similarity = f.similarity(int(p.a), int(p.b))
			pairs = append(pairs, p)
		}
		for l := range similarityLevels {
			all[l] += counts[k][0][l]
			near[l] += counts[k][1][l]
		}
	}
	slices.SortFunc(pairs, byBest)
	pairs = slices.CompactFunc(pairs, func(p, q pair) bool { return p.a == q.a && p.b == q.b }) // both ends in the sample
	return pairs, all, near
}

// similarityLevels divide the similarities from -1 to 1.
const similarityLevels = 2000

// levelCounts are the number of similarities at each level.
type levelCounts [similarityLevels]int

func (c *levelCounts) add(s float32) {
	c[max(0, min(similarityLevels-1, int((s+1)*similarityLevels/2)))]++
}

// reachedBy is the lowest level that at most so many similarities reach.
func (c *levelCounts) reachedBy(most float64) float64 {
	above := 0
	for l := similarityLevels - 1; l >= 0; l-- {
		if above += c[l]; float64(above) > most {
			return float64(l+1)*2/similarityLevels - 1
		}
	}
	return -1
}

package eval

import (
	"math"
	"slices"
)

// NMI is the mutual information of two labellings of the same images over the mean of their entropies, equal to
// sklearn.metrics.normalized_mutual_info_score. Two labellings of one cluster each give 1.
func NMI(truth, found []int32) float64 { return contingencyOf(truth, found).nmi() }

// ARI is the Rand index adjusted for chance, equal to sklearn.metrics.adjusted_rand_score.
func ARI(truth, found []int32) float64 { return contingencyOf(truth, found).ari() }

// PairF1 is the F1 score of the pairs of images that found puts in one cluster, against the pairs of one class in truth: by
// sklearn.metrics.pair_confusion_matrix, 2 TP / (2 TP + FP + FN); 1 where neither has a pair.
func PairF1(truth, found []int32) float64 { return contingencyOf(truth, found).f1() }

// contingency counts the images by both labels. It holds only cells with images.
type contingency struct {
	images               int
	cells, truth, found  []int // images of each pair of labels, of each label
	truthOf, foundOfCell []int // for each cell, the indices of its labels in truth and found
}

// contingencyOf panics unless both labellings have the same length.
func contingencyOf(truth, found []int32) *contingency {
	if len(truth) != len(found) {
		panic("eval: labellings of different length")
	}
	a, b := newClasses(truth), newClasses(found)
	c := &contingency{images: len(truth), truth: a.size, found: b.size}
	pairs := make([]uint64, len(truth))
	for i := range pairs {
		pairs[i] = uint64(a.of[i])<<32 | uint64(b.of[i])
	}
	slices.Sort(pairs)
	for i, p := range pairs {
		if i == 0 || p != pairs[i-1] {
			c.cells = append(c.cells, 0)
			c.truthOf = append(c.truthOf, int(p>>32))
			c.foundOfCell = append(c.foundOfCell, int(uint32(p)))
		}
		c.cells[len(c.cells)-1]++
	}
	return c
}

func (c *contingency) nmi() float64 {
	if len(c.truth) <= 1 && len(c.found) <= 1 {
		return 1
	}
	mutual := c.mutual()
	if mutual <= 0x1p-52 {
		return 0
	}
	return min(1, mutual/((entropy(c.truth)+entropy(c.found))/2)) // rounding can exceed 1
}

// entropy is the entropy of the distribution with the given counts, in nats.
func entropy[N int | int64](counts []N) float64 {
	var total N
	for _, n := range counts {
		total += n
	}
	h := 0.0
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(total)
			h -= p * math.Log(p)
		}
	}
	return h
}

// pairs are the numbers of pairs of images in one group of both labellings, only of found, only of truth, and of neither.
func (c *contingency) pairs() (tp, fp, fn, tn float64) {
	both, truth, found := together(c.cells), together(c.truth), together(c.found)
	all := together([]int{c.images})
	return float64(both), float64(found - both), float64(truth - both), float64(all - truth - found + both)
}

// together is the number of pairs inside groups of the given sizes.
func together(sizes []int) (pairs int) {
	for _, n := range sizes {
		pairs += n * (n - 1) / 2
	}
	return pairs
}

func (c *contingency) ari() float64 {
	tp, fp, fn, tn := c.pairs()
	if fp == 0 && fn == 0 {
		return 1
	}
	return 2 * (tp*tn - fn*fp) / ((tp+fn)*(fn+tn) + (tp+fp)*(fp+tn))
}

func (c *contingency) f1() float64 {
	tp, fp, fn, _ := c.pairs()
	if tp+fp+fn == 0 {
		return 1
	}
	return 2 * tp / (2*tp + fp + fn)
}

package duplicates

import (
	"slices"
)

// expected are pairs of which it is known whether they are to be found.
type expected struct {
	right, wrong []float64 // similarities, ascending
	total        int       // pairs to be found, also those that no threshold finds
}

func newExpected(right []float64, total int, wrong []float64) *expected {
	return &expected{slices.Sorted(slices.Values(right)), slices.Sorted(slices.Values(wrong)), total}
}

// choice is a threshold with what is expected of it.
type choice struct{ threshold, precision, recall float64 }

func (c choice) f1() float64 { return 2 * c.precision * c.recall / (c.precision + c.recall) }

// of is what is expected of a threshold. One that finds nothing finds nothing wrong.
func (e *expected) of(threshold float64) choice {
	below, _ := slices.BinarySearch(e.right, threshold)
	wrongBelow, _ := slices.BinarySearch(e.wrong, threshold)
	c, found := choice{threshold: threshold, precision: 1}, float64(len(e.right)-below)
	if all := found + float64(len(e.wrong)-wrongBelow); all > 0 {
		c.precision = found / all
	}
	if e.total > 0 {
		c.recall = found / float64(e.total)
	}
	return c
}

// choose gives the threshold of the largest F1 that is not below atLeast. It lies halfway between the least similar pair that is found and
// the next wrong one below, or low, or atLeast.
func (e *expected) choose(low, atLeast float64) choice {
	best, bestF1 := choice{threshold: max(1, atLeast), precision: 1}, -1.0
	for _, t := range slices.Backward(e.right) {
		if t < atLeast {
			break
		}
		c := e.of(t)
		if f1 := c.f1(); f1 >= bestF1 {
			next := max(low, atLeast)
			if at, _ := slices.BinarySearch(e.wrong, t); at > 0 {
				next = max(next, e.wrong[at-1])
			}
			c.threshold -= max(0, t-next) / 2
			best, bestF1 = c, f1
		}
	}
	return best
}

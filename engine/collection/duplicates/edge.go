package duplicates

import (
	"context"
	"math"
	"slices"
)

// edgeDepth is how far below the threshold pairs are looked for that nearly count.
const edgeDepth = 0.1

// edgePairs is how many pairs of each sort are shown. Of those below the threshold belowPairs are compared, and belowImages images are
// decoded
// for that which were not seen before: about as many as the proposal decodes.
const edgePairs, belowPairs, belowImages = 5, 10_000, 2000

// nearly are the pairs below the threshold, the most similar first, that pass the check, and the similarity down to which these are all
// that do: floor, above which the list has all pairs, where it was not too long.
func (f *finder) nearly(ctx context.Context, below []pair, floor float64) (passed []pair, reach float64, err error) {
	reach = floor
	if n := f.compared(below); n < len(below) {
		reach, below = math.Nextafter(below[n].similarity, 2), below[:n]
	}
	if f.looker.image != nil {
		if err := f.looker.look(ctx, imagesOf(below), false); err != nil {
			return nil, 0, err
		}
	}
	passed, _, err = f.verify(ctx, below)
	return passed, reach, err
}

// compared is how many of the pairs below the threshold are compared.
func (f *finder) compared(below []pair) int {
	decoded := map[int32]bool{}
	for n, p := range below {
		for _, i := range []int32{p.a, p.b} {
			if _, ok := f.looker.seen[int(i)]; !ok && f.looker.image != nil {
				decoded[i] = true
			}
		}
		if n == belowPairs || len(decoded) > belowImages {
			return n
		}
	}
	return len(below)
}

// edge shows the pairs at the threshold. Above and Below begin with the pair that is nearest to it, Refused with the most similar.
func (f *finder) edge(passed, refused, nearly []pair) {
	e := &f.report.Edge
	e.Above, e.Below, e.Refused = []Pair{}, []Pair{}, []Pair{}
	for _, p := range slices.Backward(passed[max(0, len(passed)-edgePairs):]) {
		e.Above = append(e.Above, f.describe(p))
	}
	for _, p := range nearly[:min(edgePairs, len(nearly))] {
		e.Below = append(e.Below, f.describe(p))
	}
	for _, p := range refused[:min(edgePairs, len(refused))] {
		e.Refused = append(e.Refused, f.describe(p))
	}
}

// betweenPairs bounds the pairs between groups that are listed.
const betweenPairs = 1000

// between lists the near pairs that complete linkage leaves out. groupOf are the groups of the items, from 1.
func (f *finder) between(passed []pair, groupOf map[int]int) {
	for _, p := range passed {
		if g := groupOf[int(p.a)]; g != 0 && g == groupOf[int(p.b)] {
			continue
		}
		if f.report.Counts.Between++; len(f.report.Between) < betweenPairs {
			f.report.Between = append(f.report.Between, f.describe(p))
		}
	}
}

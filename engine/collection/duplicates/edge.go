package duplicates

import (
	"context"
	"slices"
)

// edgeDepth is how far below the threshold pairs are looked for that nearly count.
const edgeDepth = 0.1

// edgePairs is how many pairs of each sort are shown; of those below the threshold as many as edgeTries are looked at.
const edgePairs, edgeTries = 5, 200

// edge shows the pairs at the threshold. Above and Below begin with the pair that is nearest to it, Refused with the most similar.
func (f *finder) edge(ctx context.Context, passed, refused, below []pair) error {
	e := &f.report.Edge
	e.Above, e.Below, e.Refused = []Pair{}, []Pair{}, []Pair{}
	for _, p := range slices.Backward(passed[max(0, len(passed)-edgePairs):]) {
		e.Above = append(e.Above, f.describe(p))
	}
	for _, p := range refused[:min(edgePairs, len(refused))] {
		e.Refused = append(e.Refused, f.describe(p))
	}
	below = below[:min(edgeTries, len(below))]
	if f.looker.image != nil {
		if err := f.looker.look(ctx, imagesOf(below), false); err != nil {
			return err
		}
	}
	nearly, _, err := f.verify(ctx, below)
	for _, p := range nearly[:min(edgePairs, len(nearly))] {
		e.Below = append(e.Below, f.describe(p))
	}
	return err
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

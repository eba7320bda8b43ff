package duplicates

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Proposal says how the threshold was found.
type Proposal struct {
	From   string `json:"from"`   // copies, or neighbours
	Sample int    `json:"sample"` // images that were looked at

	// From copies:
	Copies     []CopyKind `json:"copies,omitempty"` // that were made of them
	Neighbours int        `json:"neighbours"`       // of the sample, whose hashes are near enough, that were compared
	Own        int        `json:"own_duplicates"`   // of these: pass the check
	False      int        `json:"false_pairs"`      // the number expected to pass it that are none: as many as fail it by little
	Background float64    `json:"background"`       // similarity that 5 % of all pairs reach
	Affordable float64    `json:"affordable"`       // similarity from which on the check can compare all pairs

	// From neighbours:
	Sure   int      `json:"near_hashes"`  // nearest neighbours with near hashes, taken for copies
	Others int      `json:"far_hashes"`   // the other nearest neighbours
	F1     *float64 `json:"f1,omitempty"` // how well the threshold separates the two
}

// CopyKind is what became of the copies of one kind.
type CopyKind struct {
	Kind    string  `json:"kind"`
	Made    int     `json:"made"`
	Checked int     `json:"pass_check"` // hash and picture
	Found   int     `json:"found"`      // and are as similar as the threshold asks
	Median  float64 `json:"median_similarity"`
}

// The sizes of the samples: of images that copies are made of, and of those whose nearest neighbour is looked up.
const copiedImages, neighbourImages = 150, 2000

// propose sets the threshold, and what is expected of it.
func (f *finder) propose(ctx context.Context, unique []int) error {
	nearest := f.nearest(spread(unique, neighbourImages), unique)
	similarities := make([]float64, len(nearest))
	for k, p := range nearest {
		similarities[k] = p.similarity
	}
	f.report.Histogram = histogram(similarities)
	if t := f.o.Threshold; t != nil {
		f.report.Threshold = *t
		return nil
	}
	if f.looker.image != nil && f.o.Model {
		done, err := f.proposeFromCopies(ctx, spread(unique, copiedImages), unique)
		if err != nil || done {
			return err
		}
		f.report.note("no image of the sample could be read: the threshold comes from the nearest neighbours alone")
	}
	f.proposeFromNeighbours(nearest)
	return nil
}

// spread are at most n of the list, at equal distances.
func spread(list []int, n int) []int {
	if len(list) <= n {
		return list
	}
	at := make([]int, n)
	for k := range at {
		at[k] = list[int64(k)*int64(len(list))/int64(n)]
	}
	return at
}

// nearest are the sample's pairs with their nearest other image; images without another have none.
func (f *finder) nearest(sample, unique []int) []pair {
	list := make([]pair, len(sample))
	for k := range list {
		list[k] = pair{a: int32(sample[k]), b: -1, similarity: math.Inf(-1), match: unmatched}
	}
	f.compare(sample, unique, false, func(i, first int, scores []float32) {
		p := &list[i]
		for k, s := range scores {
			if float64(s) > p.similarity && unique[first+k] != sample[i] {
				p.similarity, p.b = float64(s), int32(unique[first+k])
			}
		}
	})
	list = slices.DeleteFunc(list, func(p pair) bool { return p.b < 0 })
	for k := range list {
		list[k].similarity = f.similarity(int(list[k].a), int(list[k].b))
	}
	return list
}

// proposeFromNeighbours separates nearest neighbours whose hashes are near from the others. Where too few are, the threshold lies above
// nearly all others.
func (f *finder) proposeFromNeighbours(nearest []pair) {
	var sure, others []float64
	for _, p := range nearest {
		if hashDistance(&f.c.Items[p.a], &f.c.Items[p.b]) <= strictBits {
			sure = append(sure, p.similarity)
		} else {
			others = append(others, p.similarity)
		}
	}
	p := &Proposal{From: "neighbours", Sample: len(nearest), Sure: len(sure), Others: len(others)}
	f.report.Proposal = p
	const few = 5
	if len(sure) < few {
		f.report.Threshold = min(0.99, quantile(others, 0.999))
		f.report.note(fmt.Sprintf("only %d of %d nearest neighbours have near hashes: the threshold is what 1 in 1000 of the others "+
			"reaches, and says little", len(sure), len(nearest)))
		return
	}
	c := newExpected(sure, len(sure), others).choose(0, -1)
	f1 := 2 * c.precision * c.recall / (c.precision + c.recall)
	f.report.Threshold, p.F1 = c.threshold, &f1
}

// quantile is that of the values, which it sorts; 1 of none.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 1
	}
	slices.Sort(values)
	return values[min(len(values)-1, int(q*float64(len(values))))]
}

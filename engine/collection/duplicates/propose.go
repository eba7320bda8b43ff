package duplicates

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// Proposal says how the threshold was found.
type Proposal struct {
	From       string     `json:"from"`                  // copies, neighbours
	Sample     int        `json:"sample"`                // images of the collection that were looked at
	Copies     []CopyKind `json:"copies,omitempty"`      // that were made of them
	Neighbours int        `json:"neighbours"`            // of the sample, whose hashes are near enough, that were compared
	False      int        `json:"false_pairs"`           // of these: fail the check by at most as much as it can be passed by; the number expected to pass
	Own        int        `json:"own_duplicates"`        // of these: pass the check
	Background float64    `json:"background"`            // similarity that 1 % of all pairs reach
	Sure       int        `json:"likely_copies"`         // from neighbours: nearest neighbours with near hashes
	Others     int        `json:"other_neighbours"`      // from neighbours: the rest
	AtOthers   *float64   `json:"expected_f1,omitempty"` // from neighbours: how well the threshold separates the two
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

// neighboursEach bounds the neighbours of an image of the sample that are compared with it.
const neighboursEach = 16

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
		f.report.note(fmt.Sprintf("only %d of %d nearest neighbours have near hashes: the threshold is what 1 in 1000 of the others reaches, "+
			"and says little", len(sure), len(nearest)))
		return
	}
	c := choose(sure, len(sure), others, 0)
	f1 := 2 * c.precision * c.recall / (c.precision + c.recall)
	f.report.Threshold, p.AtOthers = c.threshold, &f1
}

// choice is a threshold with what is expected of it.
type choice struct{ threshold, precision, recall float64 }

// choose gives the threshold of the largest F1: right are the similarities of pairs to be found, of which there are total, wrong of pairs
// that must not be. It lies halfway between the least similar pair that is found and the next wrong one below, or low.
func choose(right []float64, total int, wrong []float64, low float64) choice {
	right, wrong = slices.Clone(right), slices.Clone(wrong)
	descending := func(a, b float64) int { return cmp.Compare(b, a) }
	slices.SortFunc(right, descending)
	slices.SortFunc(wrong, descending)
	best, bestF1 := choice{threshold: 1, precision: 1}, -1.0
	for k, t := range right {
		if k+1 < len(right) && right[k+1] == t {
			continue
		}
		above, _ := slices.BinarySearchFunc(wrong, t, func(w, t float64) int {
			if w >= t {
				return -1
			}
			return 1
		})
		found := float64(k + 1)
		c := choice{threshold: t, precision: found / (found + float64(above)), recall: found / float64(total)}
		if f1 := 2 * c.precision * c.recall / (c.precision + c.recall); f1 >= bestF1 {
			next := low
			if above < len(wrong) {
				next = max(next, wrong[above])
			}
			c.threshold -= max(0, t-next) / 2
			best, bestF1 = c, f1
		}
	}
	return best
}

// quantile is that of the values, which it sorts; 1 of none.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 1
	}
	slices.Sort(values)
	return values[min(len(values)-1, int(q*float64(len(values))))]
}

// neighbours are pairs of the sample with images whose hashes are near enough: of each image the most similar few. background is the
// similarity that 1 % of all pairs reach.
func (f *finder) neighbours(sample, unique []int) (pairs []pair, background float64) {
	const levels = 2000
	counts := make([][levels]int32, len(sample))
	lists := make([]best, len(sample))
	for k := range lists {
		lists[k].limit = neighboursEach
	}
	f.compare(sample, unique, false, func(i, first int, scores []float32) {
		a := sample[i]
		for k, s := range scores {
			b := unique[first+k]
			if a == b {
				continue
			}
			counts[i][max(0, min(levels-1, int((s+1)*levels/2)))]++
			if hashDistance(&f.c.Items[a], &f.c.Items[b]) <= f.hashBits {
				lists[i].add([]pair{{a: int32(min(a, b)), b: int32(max(a, b)), similarity: float64(s), match: unmatched}})
			}
		}
	})
	for k := range lists {
		for _, p := range lists[k].pairs() {
			p.similarity = f.similarity(int(p.a), int(p.b))
			pairs = append(pairs, p)
		}
	}
	slices.SortFunc(pairs, byBest)
	pairs = slices.CompactFunc(pairs, func(p, q pair) bool { return p.a == q.a && p.b == q.b }) // both ends in the sample
	all := len(sample) * (len(unique) - 1)
	above := 0
	for l := levels - 1; l > 0; l-- {
		for i := range counts {
			above += int(counts[i][l])
		}
		if above*100 >= all {
			return pairs, float64(l)*2/levels - 1
		}
	}
	return pairs, -1
}

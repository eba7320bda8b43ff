package eval

import (
	"errors"
	"math"
	"slices"

	"udml-gpu/kernels/rng"
)

// Draws is the number of draws of a bootstrap.
const Draws = 1000

// Interval is a 95 % confidence interval: the 2.5th and the 97.5th percentile of a bootstrap.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Sign is 1 or -1 where all of the interval lies above or below 0, else 0.
func (i Interval) Sign() int {
	switch {
	case i.Low > 0:
		return 1
	case i.High < 0:
		return -1
	}
	return 0
}

// Intervals are the 95 % confidence intervals of Recall@K, by K, and of MAP@R: percentiles of a bootstrap over classes (Efron and
// Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13). Each of Draws draws takes as many classes as have queries, with
// replacement, each with all its queries and what these have found. The network, the images of a class and the gallery stay as they are.
// Images of a class are alike, so that classes and not images are drawn. The draws are the same in each call. Both are nil where fewer
// than two classes have queries (MAP@R: queries with an image to find).
func (s *ClassSums) Intervals() (recall map[int]Interval, mapAtR *Interval) {
	ks := s.Ks()
	var hits [][]float64
	for _, k := range ks {
		hits = append(hits, floats(s.Hits[k]))
	}
	for i, values := range ratios(floats(s.Queries), hits...) {
		if recall == nil {
			recall = map[int]Interval{}
		}
		recall[ks[i]] = percentiles(values)
	}
	for _, values := range ratios(floats(s.Matched), s.Precision) {
		p := percentiles(values)
		mapAtR = &p
	}
	return recall, mapAtR
}

// NoDifference is the verdict on an interval that holds 0.
const NoDifference = "no difference that this test set can show"

// Difference is how a figure differs between two embeddings of the same test images: B - A, with its 95 % confidence interval.
type Difference struct {
	K          int     `json:"-"` // of Recall@K; 0: MAP@R
	A          float64 `json:"a"`
	B          float64 `json:"b"`
	Difference float64 `json:"difference"`
	Interval
}

// Differences compare Recall@K, for the K that both have, and then MAP@R by a paired bootstrap over classes: as Intervals, each draw
// taking the same classes of both. The error is a sentence for users: the sums are of different queries, or of one class.
func Differences(a, b *ClassSums) ([]Difference, error) {
	if !slices.Equal(a.Queries, b.Queries) || !slices.Equal(a.Matched, b.Matched) {
		return nil, errors.New("their queries differ")
	}
	var list []Difference
	var change [][]float64
	for _, k := range a.Ks() {
		if b.Hits[k] != nil {
			list = append(list, Difference{K: k, A: a.Recall(k), B: b.Recall(k)})
			change = append(change, minus(floats(b.Hits[k]), floats(a.Hits[k])))
		}
	}
	values := ratios(floats(a.Queries), change...)
	list = append(list, Difference{A: a.MAPAtR(), B: b.MAPAtR()})
	values = append(values, ratios(floats(a.Matched), minus(b.Precision, a.Precision))...)
	if len(values) < len(list) {
		return nil, errors.New("fewer than two classes have queries to draw from")
	}
	for i := range list {
		list[i].Difference, list[i].Interval = list[i].B-list[i].A, percentiles(values[i])
	}
	return list, nil
}

func floats(list []int) []float64 {
	out := make([]float64, len(list))
	for i, v := range list {
		out[i] = float64(v)
	}
	return out
}

func minus(x, y []float64) []float64 {
	out := make([]float64, len(x))
	for i := range x {
		out[i] = x[i] - y[i]
	}
	return out
}

// ratios are, for each of sums, the sum over the drawn classes divided by that of counts, in all draws. Classes with a count of 0 are not
// drawn; with fewer than two others there is nothing to draw, and the list is empty.
func ratios(counts []float64, sums ...[]float64) [][]float64 {
	counts, sums = counted(counts, sums)
	if len(counts) < 2 {
		return nil
	}
	values := make([][]float64, len(sums))
	times := make([]float64, len(counts))
	for draw := range Draws {
		drawClasses(times, uint32(draw))
		drawn := weigh(times, counts)
		for i, s := range sums {
			values[i] = append(values[i], weigh(times, s)/drawn)
		}
	}
	return values
}

// counted leaves out the classes with a count of 0.
func counted(counts []float64, sums [][]float64) (kept []float64, keptSums [][]float64) {
	keptSums = make([][]float64, len(sums))
	for c, n := range counts {
		if n == 0 {
			continue
		}
		kept = append(kept, n)
		for i, s := range sums {
			keptSums[i] = append(keptSums[i], s[c])
		}
	}
	return kept, keptSums
}

// drawClasses sets how often each of len(times) classes is drawn, with replacement, in that draw.
func drawClasses(times []float64, draw uint32) {
	clear(times)
	key := rng.Key{Op: rng.OpBootstrap, Sample: draw}
	var words [4]uint32
	for i := range times {
		if i%4 == 0 {
			words = key.At(uint32(i / 4))
		}
		times[rng.Below(words[i%4], len(times))]++
	}
}

func weigh(times, values []float64) float64 {
	sum := 0.0
	for i, v := range values {
		sum += times[i] * v
	}
	return sum
}

// percentiles are the 2.5th and the 97.5th percentile of the values, as numpy.percentile interpolates them. It sorts them.
func percentiles(values []float64) Interval {
	slices.Sort(values)
	at := func(share float64) float64 {
		place := share * float64(len(values)-1)
		low := int(math.Floor(place))
		next := min(low+1, len(values)-1)
		return values[low] + (place-float64(low))*(values[next]-values[low])
	}
	return Interval{at(0.025), at(0.975)}
}

package eval

import (
	"context"
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

// madeSums are results of queries of so many classes, of which class c has 1 + c mod most queries; each is a hit at 1 with
// probability p.
func madeSums(classes, most int, p float64, seed uint64) (*ClassSums, retrieval, []int32) {
	var r retrieval
	var of []int32
	for c := range classes {
		for q := range 1 + c%most {
			word := rng.Key{Seed: seed, Op: rng.OpBench, Sample: uint32(c)}.At(uint32(q))
			place, precision := int32(1+word[1]%9), float64(word[2]%1000)/1000
			if float64(rng.Uniform(word[0])) < p {
				place = 0
			}
			r.first, r.precision, of = append(r.first, place), append(r.precision, precision), append(of, int32(c))
		}
	}
	return r.byClass(of, classes, []int{1, 4}), r, of
}

// TestIntervalsByQueries: the intervals equal those of drawing classes and pooling their queries one by one.
func TestIntervalsByQueries(t *testing.T) {
	s, r, of := madeSums(37, 5, 0.4, 1)
	recall, mapAtR := s.Intervals()
	var hits4, precisions []float64
	times := make([]float64, 37)
	for draw := range Draws {
		drawClasses(times, uint32(draw))
		n, hits, precision := 0, 0, 0.0
		for q, c := range of {
			for range int(times[c]) {
				n++
				precision += r.precision[q]
				if r.first[q] < 4 {
					hits++
				}
			}
		}
		hits4, precisions = append(hits4, float64(hits)/float64(n)), append(precisions, precision/float64(n))
	}
	if want := percentiles(hits4); recall[4] != want { // sums of whole numbers are exact
		t.Errorf("Recall@4 %v, want %v", recall[4], want)
	}
	if want := percentiles(precisions); !near(mapAtR.Low, want.Low, 1e-12) || !near(mapAtR.High, want.High, 1e-12) {
		t.Errorf("MAP@R %v, want %v", *mapAtR, want)
	}
	if s.Recall(4) <= recall[4].Low || s.Recall(4) >= recall[4].High || s.MAPAtR() <= mapAtR.Low || s.MAPAtR() >= mapAtR.High {
		t.Errorf("%v, %v do not hold %g, %g", recall[4], *mapAtR, s.Recall(4), s.MAPAtR())
	}
}

// TestIntervalsOfSingleQueries: of classes of one query each the interval is that of a share of independent draws, p +- 1.96 s.
// The 2.5th percentile of 1,000 draws has a standard error of 0.084 s; the bound is three of these.
func TestIntervalsOfSingleQueries(t *testing.T) {
	s, _, _ := madeSums(900, 1, 0.3, 2)
	recall, _ := s.Intervals()
	p := s.Recall(1)
	sd := math.Sqrt(p * (1 - p) / 900)
	if low, high := p-1.96*sd, p+1.96*sd; !near(recall[1].Low, low, 0.25*sd) || !near(recall[1].High, high, 0.25*sd) {
		t.Errorf("%v, want %g to %g", recall[1], low, high)
	}
}

func TestPercentilesEqualNumPy(t *testing.T) {
	g := readClusteringGoldens(t).Percentiles
	if got := percentiles(slices.Clone(g.Values)); !near(got.Low, g.Low, 1e-14) || !near(got.High, g.High, 1e-14) {
		t.Errorf("%v, want %v", got, g.Interval)
	}
}

// TestIntervalsOfFewClasses: classes without queries change nothing, and of one class with queries there is no interval.
func TestIntervalsOfFewClasses(t *testing.T) {
	s := &ClassSums{
		Queries: []int{0, 4, 0, 2, 3}, Matched: []int{0, 4, 0, 0, 3}, Hits: map[int][]int{1: {0, 1, 0, 0, 3}},
		Precision: []float64{0, 1, 0, 0, 2.5},
	}
	dense := &ClassSums{
		Queries: []int{4, 2, 3}, Matched: []int{4, 0, 3}, Hits: map[int][]int{1: {1, 0, 3}}, Precision: []float64{1, 0, 2.5},
	}
	recall, mapAtR := s.Intervals()
	wantRecall, wantMAP := dense.Intervals()
	if s.Check() != nil || recall[1] != wantRecall[1] || *mapAtR != *wantMAP || *mapAtR != (Interval{0.25, 2.5 / 3}) {
		t.Errorf("%v, %v; want %v, %v; %v", recall, *mapAtR, wantRecall, *wantMAP, s.Check())
	}
	one := &ClassSums{Queries: []int{4, 0}, Matched: []int{4, 0}, Hits: map[int][]int{1: {1, 0}}, Precision: []float64{1, 0}}
	if recall, mapAtR := one.Intervals(); recall != nil || mapAtR != nil {
		t.Errorf("%v, %v of one class", recall, mapAtR)
	}
	if _, err := Differences(one, one); err == nil {
		t.Error("a difference of one class")
	}
}

// TestDifferences: the paired interval of an embedding with itself is 0, that of one with a few more hits holds their share and is
// narrower than that of independent draws.
func TestDifferences(t *testing.T) {
	a, _, _ := madeSums(200, 4, 0.5, 3)
	b, _, _ := madeSums(200, 4, 0.5, 3)
	same, err := Differences(a, b)
	if err != nil || len(same) != 3 || same[0] != (Difference{K: 1, A: a.Recall(1), B: a.Recall(1)}) || same[2].K != 0 {
		t.Errorf("%+v, %v", same, err)
	}
	for c := range b.Queries {
		if c%8 == 0 {
			b.Hits[1][c] = b.Queries[c]
		}
	}
	got, err := Differences(a, b)
	if err != nil {
		t.Fatal(err)
	}
	alone, _ := a.Intervals()
	d, of := got[0], alone[1]
	if d.Difference != b.Recall(1)-a.Recall(1) || !(d.Low > 0 && d.Low < d.Difference && d.High > d.Difference) ||
		d.High-d.Low > of.High-of.Low {
		t.Errorf("%+v, A alone %v", d, of)
	}
	back, _ := Differences(b, a)
	if !near(back[0].Low, -d.High, 1e-15) || !near(back[0].High, -d.Low, 1e-15) {
		t.Errorf("%+v, mirrored %+v", d, back[0])
	}
	other, _, _ := madeSums(200, 5, 0.5, 3)
	if _, err := Differences(a, other); err == nil {
		t.Error("other queries were compared")
	}
}

// TestClassSumsOfScores: the sums of an evaluation, with images alone in their class and with roles, give its scores.
func TestClassSumsOfScores(t *testing.T) {
	for _, c := range readGoldens(t).Roles {
		s, err := Evaluate(context.Background(), rowsOf(c.Embeddings), c.Labels, Options{Queries: c.Queries, Gallery: c.Gallery})
		if err != nil {
			t.Fatal(err)
		}
		checkSums(t, c.Name, s, len(c.Queries))
	}
	for _, c := range readGoldens(t).Retrieval {
		s, err := Evaluate(context.Background(), rowsOf(c.Embeddings), c.Labels, Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkSums(t, c.Name, s, len(c.Labels))
	}
}

func checkSums(t *testing.T, name string, s Scores, queries int) {
	t.Helper()
	b := s.ByClass
	if err := b.Check(); err != nil || total(b.Queries) != queries || len(b.Queries) != s.Classes || len(b.Hits) != len(s.Recall) {
		t.Errorf("%s: %v, %+v", name, err, b)
	}
	for k, want := range s.Recall {
		if b.Recall(k) != want || !(s.RecallInterval[k].Low <= want && s.RecallInterval[k].High >= want) {
			t.Errorf("%s: Recall@%d is %g by class, want %g in %v", name, k, b.Recall(k), want, s.RecallInterval[k])
		}
	}
	if !near(b.MAPAtR(), s.MAPAtR, 1e-14) || !(s.MAPAtRInterval.Low <= s.MAPAtR && s.MAPAtRInterval.High >= s.MAPAtR) {
		t.Errorf("%s: MAP@R is %g by class, want %g in %v", name, b.MAPAtR(), s.MAPAtR, s.MAPAtRInterval)
	}
}

// TestClassSumsCheck: sums that no evaluation gives are refused.
func TestClassSumsCheck(t *testing.T) {
	for name, spoil := range map[string]func(*ClassSums){
		"too many hits":      func(s *ClassSums) { s.Hits[1][0] = s.Matched[0] + 1 },
		"negative":           func(s *ClassSums) { s.Queries[0] = -1 },
		"a short list":       func(s *ClassSums) { s.Precision = s.Precision[1:] },
		"short hits":         func(s *ClassSums) { s.Hits[4] = nil },
		"NaN":                func(s *ClassSums) { s.Precision[1] = math.NaN() },
		"too much precision": func(s *ClassSums) { s.Precision[1] = float64(s.Matched[1]) + 1 },
		"K of 0":             func(s *ClassSums) { s.Hits[0] = s.Hits[1] },
		"no queries":         func(s *ClassSums) { *s = ClassSums{} },
	} {
		s, _, _ := madeSums(5, 3, 0.5, 4)
		if err := s.Check(); err != nil {
			t.Fatal(err)
		}
		spoil(s)
		if s.Check() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// BenchmarkIntervals is of as many classes as Stanford Online Products has in its test split.
func BenchmarkIntervals(b *testing.B) {
	s, _, _ := madeSums(11316, 10, 0.7, 5)
	for b.Loop() {
		s.Intervals()
	}
}

// TestIntervalsAreRepeatable: the draws do not depend on the seed of an evaluation.
func TestIntervalsAreRepeatable(t *testing.T) {
	labels := make([]int32, 300)
	for i := range labels {
		labels[i] = int32(i % 40)
	}
	emb := clustered(kernels.CPU(), labels, 8, 2)
	a, err := Evaluate(context.Background(), emb, labels, Options{Restarts: 1, Seed: 1})
	b, err2 := Evaluate(context.Background(), emb, labels, Options{Restarts: 1, Seed: 2})
	if err != nil || err2 != nil || a.RecallInterval[1] != b.RecallInterval[1] || *a.MAPAtRInterval != *b.MAPAtRInterval {
		t.Errorf("the intervals depend on the seed: %v, %v; %v, %v", a.RecallInterval, b.RecallInterval, err, err2)
	}
}

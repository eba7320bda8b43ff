package run

import (
	"strings"
	"testing"

	"udml-gpu/engine/eval"
)

// found are ten classes of ten queries each, of which so many find their class, by class.
func found(hits ...int) *eval.ClassSums {
	s := &eval.ClassSums{Hits: map[int][]int{1: hits}}
	for _, h := range hits {
		s.Queries, s.Matched = append(s.Queries, 10), append(s.Matched, 10)
		s.Precision = append(s.Precision, float64(h)/2)
	}
	return s
}

func scores(s *eval.ClassSums) *eval.Scores {
	return &eval.Scores{Images: 10 * len(s.Queries), Recall: map[int]float64{1: s.Recall(1)}, ByClass: s}
}

// TestJudge: a change is one where the interval leaves out 0. The shares alone, 0.80 and 0.73 of 100 images, would not tell.
func TestJudge(t *testing.T) {
	start := found(8, 8, 8, 8, 8, 8, 8, 8, 8, 8)
	for name, c := range map[string]struct {
		end           *eval.ClassSums
		warns         bool
		change, ended string
	}{
		"some classes better, more worse": {found(9, 9, 9, 7, 7, 7, 7, 7, 8, 8), false, "by -0.020 from", eval.NoDifference},
		"most classes worse":              {found(7, 7, 7, 8, 7, 8, 8, 7, 7, 7), true, "by -0.070 from", "it is worse"},
		"most classes better":             {found(9, 9, 9, 8, 9, 8, 8, 9, 9, 9), false, "by +0.070 from", "it is better"},
		"the same":                        {start, false, "by +0.000 from that of the embedding before", eval.NoDifference},
		"other queries":                   {found(7, 7), false, "", ""},
	} {
		r := &Result{Before: &Quality{Scores: scores(start)}, After: &Quality{Scores: scores(c.end)}, Choice: &Choice{}}
		r.Judge(r.Before.BestByClass())
		text := r.ChangeText()
		if !strings.Contains(text, c.change) || !strings.HasSuffix(text, c.ended) || c.change == "" && text != "" {
			t.Errorf("%s: %q", name, text)
		}
		if (len(r.Warnings) > 0) != c.warns {
			t.Errorf("%s: warnings %q", name, r.Warnings)
		}
	}
}

// TestJudgeBest compares with the best of what training started from, and without its sums with the margin of the shares.
func TestJudgeBest(t *testing.T) {
	start, best := found(5, 5, 5, 5, 5, 5, 5, 5, 5, 5), found(8, 8, 8, 8, 8, 8, 8, 8, 8, 8)
	end := scores(found(6, 6, 6, 6, 6, 6, 6, 6, 6, 6))
	r := &Result{Before: &Quality{Scores: scores(start), Whitened: scores(best)}, After: &Quality{Scores: end}, Choice: &Choice{}}
	r.Judge(r.Before.BestByClass())
	const want = "the result is worse than what it started from: Recall@1 0.600, and the whitened features before training had 0.800 " +
		"(95 % interval of the difference -0.200 to -0.200); try a lower --lr or --epochs 0"
	if len(r.Warnings) != 1 || r.Warnings[0] != want {
		t.Errorf("%q", r.Warnings)
	}
	r = &Result{Before: r.Before, After: r.After}
	r.Judge(nil)
	const plain = "the result is worse than what it started from: Recall@1 0.600, and the whitened features before training had 0.800"
	if r.ChangeText() != "" || len(r.Warnings) != 1 || r.Warnings[0] != plain {
		t.Errorf("without sums by class: %q, %q", r.ChangeText(), r.Warnings)
	}
}

package run

import (
	"math"
	"testing"

	"udml-gpu/engine/eval"
)

func TestCompared(t *testing.T) {
	labelled := func(n int, recall, pooled float64) *Quality {
		return &Quality{
			Scores: &eval.Scores{Images: n, Recall: map[int]float64{1: recall}}, Pooled: &eval.Scores{Recall: map[int]float64{1: pooled}},
		}
	}
	bare := func(views, rank float64) *Quality { return &Quality{ViewRecall: &views, EffectiveRank: rank} }
	for name, c := range map[string]struct {
		before, after *Quality
		choice        *Choice
		want          outcome
	}{
		"many images":          {labelled(10000, 0.5, 0), labelled(10000, 0.52, 0), nil, better},
		"few images":           {labelled(100, 0.5, 0), labelled(100, 0.52, 0), nil, alike},
		"worse than pooled":    {labelled(10000, 0.5, 0.6), labelled(10000, 0.55, 0.6), nil, worse},
		"no images":            {labelled(0, 0.5, 0), labelled(0, 0.5, 0), nil, alike},
		"views say nothing":    {bare(0.5, 9), bare(0.9, 9), nil, alike},
		"fewer views":          {bare(0.5, 9), bare(0.47, 9), nil, worse},
		"a little fewer views": {bare(0.5, 9), bare(0.49, 9), nil, alike},
		"found better":         {bare(0.5, 9), bare(0.5, 9), &Choice{Kept: Trained, Candidates: make([]Candidate, 2)}, better},
		"start kept":           {bare(0.5, 9), bare(0.5, 9), &Choice{Kept: Start, Candidates: make([]Candidate, 2)}, alike},
		"not compared":         {bare(0.5, 9), bare(0.5, 9), &Choice{Kept: Trained}, alike},
		"collapsed":            {bare(0.5, 9), bare(0.9, 2), nil, worse},
		"not a number":         {bare(0.5, 9), bare(math.NaN(), 9), nil, alike},
		"labels only at first": {labelled(10, 0.5, 0), bare(0.5, 9), nil, alike},
	} {
		if got := (&Result{Before: c.before, After: c.after, Choice: c.choice}).compared(); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestShellWord(t *testing.T) {
	for text, want := range map[string]string{
		"runs/a-1": "runs/a-1", "my photos": "'my photos'", "": "''", "it's": `'it'\''s'`, "$(x)": "'$(x)'",
	} {
		if got := shellWord(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

package past

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/engine/eval"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
)

// testedRun is a finished run of two epochs, of whose five classes of two queries so many have both as hits.
func testedRun(t *testing.T, name string, hits int, change func(*run.Classes)) string {
	t.Helper()
	s := &eval.ClassSums{Queries: []int{2, 2, 2, 2, 2}, Matched: []int{2, 2, 2, 2, 2}, Hits: map[int][]int{1: make([]int, 5)}}
	s.Precision = make([]float64, 5)
	for i := range hits {
		s.Hits[1][i], s.Precision[i] = 2, 1.5
	}
	dir := makeRun(t, name, ended(s.Recall(1)), 0.5, 0.5)
	c := run.Classes{Version: 1, Epochs: 2, Test: "ff", ClassSums: s}
	if change != nil {
		change(&c)
	}
	b, err := json.Marshal(c)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, run.ClassesFile), b, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestComparePairs(t *testing.T) {
	a, b, same := testedRun(t, "a", 0, nil), testedRun(t, "b", 5, nil), testedRun(t, "c", 1, nil)
	c, err := Compare([]string{a, b, same})
	if err != nil || len(c.Pairs) != 2 {
		t.Fatalf("%+v, %v", c, err)
	}
	p := c.Pairs[0]
	if p.A != "a" || p.B != "b" || p.Note != "" || len(p.Figures) != 2 || p.Figures[1].Figure != "map_at_r" || p.Figures[1].A != 0 ||
		p.Figures[1].B != 0.75 {
		t.Errorf("%+v", p)
	}
	if f := p.Figures[0]; f.Figure != recallAt1 || f.Difference.Difference != 1 || f.Low != 1 || f.High != 1 || f.Verdict != "b is better" {
		t.Errorf("%+v", f)
	}
	if f := c.Pairs[1].Figures[0]; f.Difference.Difference != 0.2 || f.Low != 0 || !(f.High > 0.2) || f.Verdict != eval.NoDifference {
		t.Errorf("%+v", f)
	}
	lines := strings.Join(c.PairLines(), "\n")
	if !strings.Contains(lines, "Recall@1 of b minus that of a is +1.000, 95 % interval +1.000 to +1.000: b is better.") {
		t.Error(lines)
	}
	back, err := Compare([]string{b, a})
	if err != nil || back.Pairs[0].Figures[0].Verdict != "b is better" || back.Pairs[0].Figures[0].High != -1 {
		t.Errorf("%+v, %v", back.Pairs, err)
	}
}

// TestComparePairsRefuses: what cannot be tested has a sentence that says why, and no figure.
func TestComparePairsRefuses(t *testing.T) {
	a := testedRun(t, "a", 2, nil)
	missing := testedRun(t, "b", 2, nil)
	if err := os.Remove(filepath.Join(missing, run.ClassesFile)); err != nil {
		t.Fatal(err)
	}
	damaged := testedRun(t, "b", 2, nil)
	if err := os.WriteFile(filepath.Join(damaged, run.ClassesFile), []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	for want, dir := range map[string]string{
		"b is not finished": makeRun(t, "b", nil, 0.5),
		"has no scores": makeRun(t, "b", func(_ *setting.Config, s *run.State) {
			s.Result = &run.Result{Before: &run.Quality{}, After: &run.Quality{}, Epochs: 1}
		}, 0.5),
		"different images or classes":               testedRun(t, "b", 2, func(c *run.Classes) { c.Test = "ee" }),
		"is not that of its result; to test":        testedRun(t, "b", 2, func(c *run.Classes) { c.Epochs = 1 }),
		"classes.json of b is not":                  testedRun(t, "b", 2, func(c *run.Classes) { c.Hits[1][4] = 1 }),
		"their queries differ":                      testedRun(t, "b", 2, pad),
		"is damaged: its version is 2":              testedRun(t, "b", 2, func(c *run.Classes) { c.Version = 2 }),
		"is damaged: the hits at 1 of class 0":      testedRun(t, "b", 2, func(c *run.Classes) { c.Hits[1][0] = 3 }),
		"is damaged: unexpected end":                damaged,
		"has no classes.json, which earlier versio": missing,
		"/config.yaml --out NEW":                    missing,
	} {
		c, err := Compare([]string{a, dir})
		if err != nil || len(c.Pairs) != 1 || len(c.Pairs[0].Figures) != 0 || !strings.Contains(c.Pairs[0].Note, want) {
			t.Errorf("want %q: %+v, %v", want, c.Pairs, err)
			continue
		}
		if lines := c.PairLines(); len(lines) != 1 || !strings.Contains(lines[0], want) {
			t.Errorf("want %q: %q", want, lines)
		}
	}
}

// pad adds a class without queries.
func pad(c *run.Classes) {
	c.Queries, c.Matched = append(c.Queries, 0), append(c.Matched, 0)
	c.Hits[1], c.Precision = append(c.Hits[1], 0), append(c.Precision, 0)
}

// Runs that were trained on other images and scored on the same ones are compared.
func TestCompareOtherTrainingImages(t *testing.T) {
	a, b := testedRun(t, "a", 1, nil), testedRun(t, "b", 4, nil)
	c, err := Compare([]string{a, b})
	if err != nil {
		t.Fatal(err)
	}
	c.Runs[1].Fingerprint = "bb"
	c.compareData()
	if c.SameData == nil || *c.SameData || !strings.Contains(c.DataNote, "those of the scores are the same") ||
		!strings.Contains(c.Verdict(), "b ended best") {
		t.Errorf("%v, %s, %s", c.SameData, c.DataNote, c.Verdict())
	}
}

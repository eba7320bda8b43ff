package past

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"udml-gpu/engine/eval"
	"udml-gpu/engine/report"
	"udml-gpu/engine/run"
)

// Pair tests whether the scores of run B differ from those of run A by more than the choice of test classes explains (eval.Differences).
type Pair struct {
	A       string         `json:"a"` // the runs' names
	B       string         `json:"b"`
	Figures []PairedFigure `json:"figures"`
	Note    string         `json:"note,omitempty"` // a sentence on why there are none
}

// PairedFigure is a figure of both runs, how B's differs, and a verdict.
type PairedFigure struct {
	Figure string `json:"figure"`
	eval.Difference
	Verdict string `json:"verdict"`
}

// comparePairs tests each run but the first against the first; dirs are the folders of Runs.
func (c *Comparison) comparePairs(dirs []string) {
	names := c.Names()
	first, note := c.classesOf(0, dirs[0])
	for i := 1; i < len(c.Runs); i++ {
		p := Pair{A: names[0], B: names[i], Figures: []PairedFigure{}, Note: note}
		if note == "" {
			var other *run.Classes
			if other, p.Note = c.classesOf(i, dirs[i]); p.Note == "" {
				p.test(first, other)
			}
		}
		c.Pairs = append(c.Pairs, p)
	}
}

// test fills in the figures, or the note on why there are none.
func (p *Pair) test(a, b *run.Classes) {
	if a.Test != b.Test {
		p.Note = fmt.Sprintf("%s and %s were scored on different images or classes: the difference cannot be tested", p.A, p.B)
		return
	}
	list, err := eval.Differences(a.ClassSums, b.ClassSums)
	if err != nil {
		p.Note = fmt.Sprintf("the difference between %s and %s cannot be tested: %v", p.A, p.B, err)
		return
	}
	for _, d := range list {
		f := PairedFigure{Figure: "map_at_r", Difference: d, Verdict: eval.NoDifference}
		if d.K > 0 {
			f.Figure = fmt.Sprintf("recall@%d", d.K)
		}
		switch d.Sign() {
		case 1:
			f.Verdict = p.B + " is better"
		case -1:
			f.Verdict = p.A + " is better"
		}
		p.Figures = append(p.Figures, f)
	}
}

// classesOf are the results by class of a run, or a sentence on why there are none and what to do.
func (c *Comparison) classesOf(i int, dir string) (classes *run.Classes, note string) {
	name := c.Names()[i]
	s := c.Runs[i].state
	switch {
	case s == nil || s.Result == nil:
		return nil, name + " is not finished: differences are tested between finished runs"
	case s.Result.After.Scores == nil:
		return nil, name + " has no scores, since its test images have no labels: there is no difference to test"
	}
	again := fmt.Sprintf("; to test differences, train it again: udml-gpu train --config %s/config.yaml --out NEW", c.Runs[i].Path)
	classes, err := run.ReadClasses(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Sprintf("%s has no %s, which earlier versions did not write%s", name, run.ClassesFile, again)
	case err != nil:
		return nil, err.Error() + again
	case classes.Epochs != s.Result.Epochs || classes.Hits[1] == nil || classes.Recall(1) != s.Result.After.Recall[1]:
		return nil, fmt.Sprintf("%s of %s is not that of its result%s", run.ClassesFile, name, again)
	}
	return classes, ""
}

// sameTest says whether it is known that all runs were scored on the same images.
func (c *Comparison) sameTest() bool {
	for _, p := range c.Pairs {
		if len(p.Figures) == 0 {
			return false
		}
	}
	return len(c.Pairs) > 0
}

// PairLines are a sentence for each pair: what its first figure says, or why there is no test.
func (c *Comparison) PairLines() (lines []string) {
	for _, p := range c.Pairs {
		if p.Note != "" {
			lines = append(lines, "Paired test: "+strings.TrimSuffix(p.Note, ".")+".")
			continue
		}
		f := p.Figures[0]
		lines = append(lines, fmt.Sprintf("Paired test: %s of %s minus that of %s is %+.3f, 95 %% interval %+.3f to %+.3f: %s.",
			title(f.Figure), p.B, p.A, f.Difference.Difference, f.Low, f.High, f.Verdict))
	}
	return lines
}

// pairTables are a table for each pair with figures.
func (c *Comparison) pairTables() (tables []report.Table) {
	for _, p := range c.Pairs {
		if len(p.Figures) == 0 {
			continue
		}
		t := report.Table{Title: p.B + " minus " + p.A, Columns: []string{"", "difference", "95 % interval", "verdict"}}
		for _, f := range p.Figures {
			t.Rows = append(t.Rows, []string{
				title(f.Figure), fmt.Sprintf("%+.3f", f.Difference.Difference), fmt.Sprintf("%+.3f to %+.3f", f.Low, f.High), f.Verdict,
			})
		}
		tables = append(tables, t)
	}
	return tables
}

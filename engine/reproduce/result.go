package reproduce

import (
	"fmt"
	"slices"
	"strings"

	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/report"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
)

// Result is a table with what was measured and what was published.
type Result struct {
	Table   string `json:"table"`
	Set     string `json:"data_set"`
	Images  int    `json:"published_test_images"`
	Classes int    `json:"published_test_classes"`
	Preset  string `json:"preset"`
	Data    string `json:"data"`
	Rows    []Line `json:"rows"`
}

// Line is a row of a Result.
type Line struct {
	Method      string           `json:"method"`
	ReadsLabels bool             `json:"reads_labels"` // an upper bound
	Run         string           `json:"run"`
	Epochs      int              `json:"epochs"`
	Seconds     float64          `json:"seconds"`
	Measured    *eval.Scores     `json:"measured"`  // after training; nil: the run has a problem, or its images no labels
	Published   *Published       `json:"published"` // nil: nothing was read in a source
	Differs     []setting.Change `json:"differs"`   // from the protocol, which is "was"
	Problem     string           `json:"problem,omitempty"`
}

// line is the row of a run with that result, or without one for the reason problem.
func (t Table) line(p Planned, r *run.Result, problem error) (Line, error) {
	protocol, err := t.Protocol(p.Row, p.Config)
	if err != nil {
		return Line{}, err
	}
	l := Line{
		Method: p.Method, ReadsLabels: p.Config.ReadsLabels(), Run: rawname.Text(p.Config.Out), Epochs: p.Config.Epochs,
		Published: p.Published, Differs: p.Config.Departures(protocol, t.Preset),
	}
	if l.Differs == nil {
		l.Differs = []setting.Change{}
	}
	if problem != nil {
		l.Problem = problem.Error()
		return l, nil
	}
	l.Epochs, l.Seconds, l.Measured = r.Epochs, r.Seconds, r.After.Scores
	return l, nil
}

// Scores is the table for people: measured beside published, a dash where there is nothing.
func (r *Result) Scores() report.Table {
	t := report.Table{Columns: []string{r.Table, "labels", "Recall@1", "published", "NMI", "published", "MAP@R", "epochs"}}
	for _, l := range r.Rows {
		labels, recall, nmi, mapAtR := "", "-", "-", "-"
		if l.ReadsLabels {
			labels = "read"
		}
		if s := l.Measured; s != nil {
			recall, nmi, mapAtR = fmt.Sprintf("%.3f", s.Recall[1]), fmt.Sprintf("%.3f", s.NMI), fmt.Sprintf("%.3f", s.MAPAtR)
			if at, ok := s.RecallInterval[1]; ok {
				recall += fmt.Sprintf(" (%.3f to %.3f)", at.Low, at.High)
			}
		}
		published := [2]string{"-", "-"}
		if p := l.Published; p != nil {
			published = [2]string{figureText(p.Recall1), figureText(p.NMI)}
		}
		t.Rows = append(t.Rows, []string{l.Method, labels, recall, published[0], nmi, published[1], mapAtR, fmt.Sprint(l.Epochs)})
	}
	return t
}

func figureText(v float64) string {
	if v == 0 {
		return "-"
	}
	return fmt.Sprintf("%.3f", v)
}

// Notes are lines below the table: what differs from the protocol, in all rows and then row by row, what went wrong, and where published
// figures were read.
func (r *Result) Notes() []string {
	lines := []string{
		"published: only figures that were read in a source; -: none",
		"labels: read, an upper bound, not an unsupervised result",
	}
	lines = append(lines, r.otherTest()...)
	shared := r.shared()
	if len(shared) > 0 {
		lines = append(lines, "all rows differ from the protocol ("+r.Preset+"): "+changesText(shared))
	}
	for _, l := range r.Rows {
		own := slices.DeleteFunc(slices.Clone(l.Differs), func(c setting.Change) bool { return slices.Contains(shared, c) })
		if len(own) > 0 {
			lines = append(lines, l.Method+" differs from the protocol: "+changesText(own))
		}
		if l.Problem != "" {
			lines = append(lines, l.Method+" has no result: "+l.Problem)
		}
	}
	if !slices.ContainsFunc(r.Rows, func(l Line) bool { return len(l.Differs) > 0 }) {
		lines = append(lines, "all rows follow the protocol ("+r.Preset+")")
	}
	for _, l := range r.Rows {
		if l.Published != nil {
			lines = append(lines, l.Method+", published: "+l.Published.Source)
		}
	}
	return lines
}

// otherTest says that the test images are not those of the published figures, where their number shows it.
func (r *Result) otherTest() []string {
	for _, l := range r.Rows {
		if s := l.Measured; s != nil && (s.Images != r.Images || s.Classes != r.Classes) {
			return []string{fmt.Sprintf("the test set has %d images of %d classes, that of %s %d of %d: the figures cannot be compared",
				s.Images, s.Classes, r.Set, r.Images, r.Classes)}
		}
	}
	return nil
}

// shared are the differences that all rows have.
func (r *Result) shared() (list []setting.Change) {
	if len(r.Rows) < 2 {
		return nil
	}
	for _, c := range r.Rows[0].Differs {
		if !slices.ContainsFunc(r.Rows, func(l Line) bool { return !slices.Contains(l.Differs, c) }) {
			list = append(list, c)
		}
	}
	return list
}

// changesText is like "epochs 1 (30), batch 8 (64)", with the protocol's value in brackets.
func changesText(list []setting.Change) string {
	var parts []string
	for _, c := range list {
		parts = append(parts, fmt.Sprintf("%s %v (%v)", c.Name, c.Now, c.Was))
	}
	return strings.Join(parts, ", ")
}

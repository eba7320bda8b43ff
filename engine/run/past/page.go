package past

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/report"
)

// Names are the names of the runs in tables: the last part of their path, where that tells them apart.
func (c *Comparison) Names() []string {
	names := make([]string, len(c.Runs))
	for i, r := range c.Runs {
		names[i] = r.Path[strings.LastIndexByte(strings.TrimRight(r.Path, "/"), '/')+1:]
	}
	if len(slices.Compact(slices.Sorted(slices.Values(names)))) < len(names) {
		for i, r := range c.Runs {
			names[i] = r.Path
		}
	}
	return names
}

// Verdict says in one sentence which run ended best, where the figures can be compared.
func (c *Comparison) Verdict() string {
	if c.SameData != nil && !*c.SameData && !c.sameTest() {
		return "The runs saw different images: their scores cannot be compared."
	}
	for _, figure := range []string{recallAt1, viewRecall} {
		if i := slices.IndexFunc(c.Result, func(f Figure) bool { return f.Figure == figure }); i >= 0 {
			if text := c.ranked(c.Result[i]); text != "" {
				return text
			}
		}
	}
	return "No run has a score at its end yet."
}

// ranked is Verdict by one figure; "" where no run has it at its end.
func (c *Comparison) ranked(f Figure) string {
	var order []int
	for i, v := range f.After {
		if v != nil {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(*f.After[b], *f.After[a]) })
	name, figure := c.Names(), title(f.Figure)
	switch {
	case len(order) == 0:
		return ""
	case len(order) == 1:
		return fmt.Sprintf("Only %s has a score at its end: %s %.3f.", name[order[0]], figure, *f.After[order[0]])
	}
	top, second := *f.After[order[0]], *f.After[order[1]]
	if top == second {
		return fmt.Sprintf("%s and %s ended with the same %s, %.3f.", name[order[0]], name[order[1]], figure, top)
	}
	return fmt.Sprintf("%s ended best: %s %.3f, %s %.3f.", name[order[0]], figure, top, name[order[1]], second)
}

// title is a figure's name for people.
func title(figure string) string {
	switch k, isRecall := strings.CutPrefix(figure, "recall@"); {
	case isRecall:
		return "Recall@" + k
	case figure == "map_at_r":
		return "MAP@R"
	case figure == viewRecall:
		return "views that find each other"
	case len(figure) <= 3:
		return strings.ToUpper(figure)
	}
	return strings.ReplaceAll(figure, "_", " ")
}

// Tables are the runs, the settings that differ, the results, the paired tests and the epochs, in this order; empty ones are left out.
func (c *Comparison) Tables() []report.Table {
	head := append([]string{""}, c.Names()...)
	tables := []report.Table{{Title: "Runs", Columns: head, Rows: c.runRows()}}
	if rows := c.settingRows(); len(rows) > 0 {
		tables = append(tables, report.Table{Title: "Settings that differ", Columns: head, Rows: rows})
	}
	if rows := c.resultRows(); len(rows) > 0 {
		tables = append(tables, report.Table{Title: "Result", Columns: head, Rows: rows})
	}
	tables = append(tables, c.pairTables()...)
	for _, curve := range c.Curves {
		if curve.Figure == "loss" || curve.Figure == recallAt1 || curve.Figure == viewRecall {
			tables = append(tables, report.Table{Title: title(curve.Figure) + " by epoch", Columns: head, Rows: curve.rows()})
		}
	}
	return tables
}

func (c *Comparison) runRows() [][]string {
	rows := [][]string{{"state"}, {"started (UTC)"}, {"method"}, {"backbone"}, {"data"}, {"images"}, {"epochs"}, {"seconds"}}
	for _, r := range c.Runs {
		for i, cell := range []string{
			string(r.State), r.StartText(), r.Method, r.Backbone, r.Data, strconv.Itoa(r.Images), r.EpochText(),
			fmt.Sprintf("%.1f", r.Seconds),
		} {
			rows[i] = append(rows[i], cell)
		}
	}
	return rows
}

// StartText is when the run began, in UTC; "" where that is unknown.
func (r *Run) StartText() string {
	if r.Started == nil {
		return ""
	}
	return r.Started.Format("2006-01-02 15:04")
}

// EpochText is how many epochs are done, of how many.
func (r *Run) EpochText() string { return fmt.Sprintf("%d of %d", r.Epoch, r.Epochs) }

func (c *Comparison) settingRows() (rows [][]string) {
	for _, s := range c.Settings {
		row := []string{s.Key}
		for _, v := range s.Values {
			if v == nil {
				v = ""
			}
			row = append(row, fmt.Sprint(v))
		}
		rows = append(rows, row)
	}
	return rows
}

func (c *Comparison) resultRows() (rows [][]string) {
	for _, f := range c.Result {
		row := []string{title(f.Figure)}
		for i := range c.Runs {
			switch b, a := f.Before[i], f.After[i]; {
			case a != nil && b != nil && c.Runs[i].Epochs > 0:
				row = append(row, fmt.Sprintf("%s -> %s", figureText(f.Figure, *b), figureText(f.Figure, *a)))
			case a != nil:
				row = append(row, figureText(f.Figure, *a))
			case b != nil:
				row = append(row, figureText(f.Figure, *b)+" before")
			default:
				row = append(row, "")
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func figureText(figure string, v float64) string {
	if figure == effectiveRank {
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

// shownEpochs bounds the rows of a table of epochs; --json has all.
const shownEpochs = 20

// rows are the values by epoch. Of many epochs some are left out, at equal distances; the last is always there.
func (c Curve) rows() (rows [][]string) {
	var epochs []int
	for _, l := range c.Lines {
		epochs = append(epochs, l.Epochs...)
	}
	slices.Sort(epochs)
	epochs = slices.Compact(epochs)
	step := (len(epochs) + shownEpochs - 1) / shownEpochs
	for i, e := range epochs {
		if i != len(epochs)-1 && (len(epochs)-1-i)%step != 0 {
			continue
		}
		row := []string{fmt.Sprintf("epoch %d", e)}
		for _, l := range c.Lines {
			cell := ""
			if k, ok := slices.BinarySearch(l.Epochs, e); ok {
				cell = strconv.FormatFloat(l.Values[k], 'f', 3, 64)
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return rows
}

// WriteHTML replaces the file at path by the comparison as a page without scripts, with the curves of all runs laid over each other.
func (c *Comparison) WriteHTML(path string) error {
	p := report.Page{Title: "Comparison of " + strings.Join(c.Names(), ", "), Tables: c.Tables()}
	p.Lead = append([]string{c.Verdict()}, c.PairLines()...)
	if c.SameData == nil || !*c.SameData {
		p.Warnings = append(p.Warnings, c.DataNote)
	}
	for i, r := range c.Runs {
		if r.Problem != "" {
			p.Warnings = append(p.Warnings, c.Names()[i]+": "+r.Problem)
		}
	}
	for _, curve := range c.Curves {
		chart := report.Chart{Title: title(curve.Figure), XLabel: "epoch"}
		for i, l := range curve.Lines {
			line := report.Line{Name: c.Names()[i], Y: l.Values}
			for _, e := range l.Epochs {
				line.X = append(line.X, float64(e))
			}
			chart.Lines = append(chart.Lines, line)
		}
		p.Charts = append(p.Charts, chart)
	}
	if err := report.WriteHTML(path, p); err != nil {
		return baddata.Errorf("%s cannot be written: %w", path, err)
	}
	return nil
}

package run

import (
	"fmt"
	"slices"

	"udml-gpu/engine/eval"
	"udml-gpu/engine/report"
)

// ScoreRow is a line of a table of scores: the name of what was measured, and its scores.
type ScoreRow struct {
	Name string
	*eval.Scores
}

// ScoreTable is a table with a line for each row and the columns of all their K. corner is the heading of the first column. The smallest K
// and MAP@R have their confidence intervals.
func ScoreTable(corner string, rows []ScoreRow) report.Table {
	table := report.Table{Columns: []string{corner}}
	ks := recallKs(rows)
	for _, k := range ks {
		table.Columns = append(table.Columns, fmt.Sprintf("R@%d", k))
	}
	table.Columns = append(table.Columns, "MAP@R", "NMI", "AMI", "ARI", "F1")
	for _, r := range rows {
		table.Rows = append(table.Rows, r.cells(ks))
	}
	return table
}

// recallKs are the K of all rows, ascending. K depends on the data set, and a resumed run may have begun with others.
func recallKs(rows []ScoreRow) (ks []int) {
	for _, r := range rows {
		ks = append(ks, r.Ks()...)
	}
	slices.Sort(ks)
	return slices.Compact(ks)
}

// cells are the row's cells, with a column for each of those K; a score that was not measured is empty.
func (r ScoreRow) cells(ks []int) []string {
	cells := []string{r.Name}
	for _, k := range ks {
		cell := ""
		if v, ok := r.Recall[k]; ok {
			cell = fmt.Sprintf("%.3f", v)
			if at, ok := r.RecallInterval[k]; ok && k == ks[0] {
				cell += intervalText(at)
			}
		}
		cells = append(cells, cell)
	}
	for _, v := range []float64{r.MAPAtR, r.NMI, r.AMI, r.ARI, r.F1} {
		cells = append(cells, fmt.Sprintf("%.3f", v))
	}
	if r.MAPAtRInterval != nil {
		cells[1+len(ks)] += intervalText(*r.MAPAtRInterval)
	}
	return cells
}

// intervalText follows the figure that the interval is of.
func intervalText(i eval.Interval) string { return fmt.Sprintf(" (%.3f to %.3f)", i.Low, i.High) }

// IntervalNote says what the brackets in a table of these rows are; "" where there are none.
func IntervalNote(rows []ScoreRow) string {
	for _, r := range rows {
		if r.MAPAtRInterval != nil || len(r.RecallInterval) > 0 {
			return fmt.Sprintf("in brackets: 95 %% intervals, from drawing the test classes anew %d times", eval.Draws)
		}
	}
	return ""
}

// rows are the scores of q, which may be nil, from the pooled features to the embedding. Their names begin with when.
func (q *Quality) rows(when string) (rows []ScoreRow) {
	if q == nil {
		return nil
	}
	for _, r := range []ScoreRow{
		{"pooled features", q.Pooled}, {"whitened features", q.Whitened}, {"embedding, not whitened", q.Raw}, {"embedding", q.Scores},
	} {
		if r.Scores != nil {
			r.Name = when + ": " + r.Name
			rows = append(rows, r)
		}
	}
	return rows
}

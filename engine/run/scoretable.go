package run

import (
	"fmt"
	"slices"

	"udml-gpu/engine/eval"
	"udml-gpu/engine/report"
)

// ScoreRow is a line of a table of scores: what was measured, and what it was worth.
type ScoreRow struct {
	Name string
	*eval.Scores
}

// ScoreTable shows scores below each other, with the columns of all their K. corner is what its first column is headed.
func ScoreTable(corner string, rows []ScoreRow) report.Table {
	table := report.Table{Columns: []string{corner}}
	ks := recallKs(rows)
	for _, k := range ks {
		table.Columns = append(table.Columns, fmt.Sprintf("R@%d", k))
	}
	table.Columns = append(table.Columns, "MAP@R", "NMI", "ARI", "F1")
	for _, r := range rows {
		table.Rows = append(table.Rows, r.cells(ks))
	}
	return table
}

// recallKs are the K of all rows, ascending. They are the data set's, and a resumed run may have begun with others.
func recallKs(rows []ScoreRow) (ks []int) {
	for _, r := range rows {
		ks = append(ks, r.Ks()...)
	}
	slices.Sort(ks)
	return slices.Compact(ks)
}

// cells are the row under those K; one that was not measured stays empty.
func (r ScoreRow) cells(ks []int) []string {
	cells := []string{r.Name}
	for _, k := range ks {
		cell := ""
		if v, ok := r.Recall[k]; ok {
			cell = fmt.Sprintf("%.3f", v)
		}
		cells = append(cells, cell)
	}
	for _, v := range []float64{r.MAPAtR, r.NMI, r.ARI, r.F1} {
		cells = append(cells, fmt.Sprintf("%.3f", v))
	}
	return cells
}

// rows are the scores of q, which may be nil, in the order in which its parts are made. when begins their names.
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

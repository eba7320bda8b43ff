package run

import (
	"fmt"
	"slices"

	"udml-gpu/engine/eval"
	"udml-gpu/engine/report"
)

// qualityRow is a line of the table: what was measured, and its scores.
type qualityRow struct {
	name string
	*eval.Scores
}

// qualityTable compares what training started from with what came of it.
func (t *Sheet) qualityTable() report.Table {
	rows := t.qualityRows()
	table := report.Table{Title: "Quality", Columns: []string{""}}
	if queries, gallery := t.Test.Roles(); queries != nil {
		table.Title += fmt.Sprintf(": %d queries in a gallery of %d", len(queries), len(gallery))
	}
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

// qualityRows are the scores of the run so far, in order.
func (t *Sheet) qualityRows() (rows []qualityRow) {
	add := func(name string, s *eval.Scores) {
		if s != nil {
			rows = append(rows, qualityRow{name, s})
		}
	}
	all := func(when string, q *Quality) {
		if q == nil {
			return
		}
		add(when+": pooled features", q.Pooled)
		add(when+": whitened features", q.Whitened)
		add(when+": embedding, not whitened", q.Raw)
		add(when+": embedding", q.Scores)
	}
	all("before", t.State.Before)
	for _, r := range t.State.History {
		all(fmt.Sprintf("epoch %d", r.Epoch), r.Quality)
	}
	if t.State.Result != nil {
		all("after", t.State.Result.After)
	}
	return rows
}

// recallKs are the K of all rows, ascending. They are the data set's, and a resumed run may have begun with others.
func recallKs(rows []qualityRow) (ks []int) {
	for _, r := range rows {
		ks = append(ks, r.Ks()...)
	}
	slices.Sort(ks)
	return slices.Compact(ks)
}

// cells are the row under those K; one that was not measured stays empty.
func (r qualityRow) cells(ks []int) []string {
	cells := []string{r.name}
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

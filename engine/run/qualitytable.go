package run

import (
	"fmt"

	"udml-gpu/engine/report"
)

// qualityTable compares the scores before, during and after training.
func (t *Sheet) qualityTable() report.Table {
	table := ScoreTable("", t.qualityRows())
	table.Title = "Quality"
	if queries, gallery := t.Test.Roles(); queries != nil {
		table.Title += fmt.Sprintf(": %d queries in a gallery of %d", len(queries), len(gallery))
	}
	return table
}

// qualityRows are the scores of the run so far, in order.
func (t *Sheet) qualityRows() []ScoreRow {
	rows := t.State.Before.rows("before")
	for _, r := range t.State.History {
		rows = append(rows, r.Quality.rows(fmt.Sprintf("epoch %d", r.Epoch))...)
	}
	if t.State.Result != nil {
		rows = append(rows, t.State.Result.After.rows("after")...)
	}
	return rows
}

// ScoreRows compare the scores before training with those after it.
func (r *Result) ScoreRows() []ScoreRow {
	return append(r.Before.rows("before"), r.After.rows("after")...)
}

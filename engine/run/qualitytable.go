package run

import (
	"fmt"

	"udml-gpu/engine/report"
)

// qualityTables compare the scores before and after training and, folded, during it; without scores there are none.
func (t *Sheet) qualityTables() (tables []report.Table) {
	around, during := t.qualityRows()
	if len(around) > 0 {
		table := ScoreTable("", around)
		table.Title = "Quality"
		if queries, gallery := t.Test.Roles(); queries != nil {
			table.Title += fmt.Sprintf(": %d queries in a gallery of %d", len(queries), len(gallery))
		}
		if note := IntervalNote(around); note != "" {
			table.Title += "; " + note
		}
		tables = append(tables, table)
	}
	if len(during) > 0 {
		table := ScoreTable("", during)
		table.Title, table.Folded = "Quality by epoch", true
		tables = append(tables, table)
	}
	return tables
}

// qualityRows are the scores before and after training, and those of the epochs.
func (t *Sheet) qualityRows() (around, during []ScoreRow) {
	around = t.State.Before.rows("before")
	for _, r := range t.State.History {
		during = append(during, r.Quality.rows(fmt.Sprintf("epoch %d", r.Epoch))...)
	}
	if t.State.Result != nil {
		around = append(around, t.State.Result.After.rows("after")...)
	}
	return around, during
}

// ScoreRows compare the scores before training with those after it.
func (r *Result) ScoreRows() []ScoreRow {
	return append(r.Before.rows("before"), r.After.rows("after")...)
}

package run

import (
	"slices"
	"testing"

	"udml-gpu/engine/criteria"
)

// TestChoiceTable: the table marks what is kept, and there is none where nothing was compared.
func TestChoiceTable(t *testing.T) {
	c := NewChoice("auto", 0, "because")
	if _, ok := c.table(); ok {
		t.Error("a table of nothing")
	}
	if want := "what training started from is kept: because"; c.Text != want || c.Kept != "start" {
		t.Errorf("%s: %q, want %q", c.Kept, c.Text, want)
	}
	c.Candidates = []Candidate{
		{Share: 0, Figures: criteria.Figures{PooledRank: 10, Rank: 20, LiDAR: 30}}, {Share: 1, Figures: criteria.Figures{PooledRank: 9}},
	}
	table, ok := c.table()
	if !ok || len(table.Rows) != 2 {
		t.Fatalf("%+v", table)
	}
	if want := []string{"before training, whitened (kept)", "10.0", "20.0", "30.0"}; !slices.Equal(table.Rows[0], want) {
		t.Errorf("%q, want %q", table.Rows[0], want)
	}
	if table.Rows[1][0] != "trained" || len(table.Columns) != len(table.Rows[1]) {
		t.Errorf("%q under %q", table.Rows[1], table.Columns)
	}
}

// TestChosen: what an earlier version has trained is what --result trained asks for, and a run of no epochs has no choice.
func TestChosen(t *testing.T) {
	for _, c := range []struct {
		result Result
		asked  string
		want   bool
	}{
		{Result{Epochs: 2}, "trained", true},
		{Result{Epochs: 2}, "auto", false},
		{Result{}, "auto", true},
		{Result{Epochs: 2, Choice: NewChoice("auto", 1, "")}, "auto", true},
		{Result{Epochs: 2, Choice: NewChoice("auto", 1, "")}, "trained", false},
	} {
		if got := c.result.Chosen(c.asked); got != c.want {
			t.Errorf("%+v asked for %s: %v", c.result, c.asked, got)
		}
	}
}

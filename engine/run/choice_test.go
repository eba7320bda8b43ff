package run

import (
	"slices"
	"testing"

	"udml-gpu/engine/criteria"
)

// TestChoiceTable: the table marks what is kept, and there is none where nothing was compared.
func TestChoiceTable(t *testing.T) {
	c := NewChoice("auto", Start, "because")
	if _, ok := c.table(); ok {
		t.Error("a table of nothing")
	}
	if want := "what training started from is kept: because"; c.Text != want || c.Kept != Start {
		t.Errorf("%v: %q, want %q", c.Kept, c.Text, want)
	}
	c.Candidates = []Candidate{
		{Start, criteria.Figures{PooledRank: 10, Rank: 20, LiDAR: 30}}, {Trained, criteria.Figures{PooledRank: 9}}, {Kept: Rewhitened},
	}
	table, ok := c.table()
	if !ok || len(table.Rows) != 3 {
		t.Fatalf("%+v", table)
	}
	if want := []string{"before training, whitened (kept)", "10.0", "20.0", "30.0"}; !slices.Equal(table.Rows[0], want) {
		t.Errorf("%q, want %q", table.Rows[0], want)
	}
	if table.Rows[1][0] != "trained" || table.Rows[2][0] != "trained, features whitened anew" || len(table.Columns) != len(table.Rows[1]) {
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
		{Result{Epochs: 2, Choice: NewChoice("auto", Trained, "")}, "auto", true},
		{Result{Epochs: 2, Choice: NewChoice("auto", Trained, "")}, "trained", false},
	} {
		if got := c.result.Chosen(c.asked); got != c.want {
			t.Errorf("%+v asked for %s: %v", c.result, c.asked, got)
		}
	}
}

// TestKeptBy: a share of nothing or of all is the network at that end, its features whitened.
func TestKeptBy(t *testing.T) {
	for asked, want := range map[string]Kept{
		"start": Start, "0": Start, "0.0": Start, "trained": Trained, "rewhitened": Rewhitened, "1": Rewhitened, "0.25": {"mixture", 0.25},
	} {
		if got, named := KeptBy(asked); got != want || !named {
			t.Errorf("%s: %+v, want %+v", asked, got, want)
		}
	}
	if got, named := KeptBy("auto"); named {
		t.Errorf("auto names %+v", got)
	}
}

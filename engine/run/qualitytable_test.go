package run

import (
	"slices"
	"testing"

	"udml-gpu/engine/eval"
)

// TestQualityOfDifferentK: a run that began with other K shows all of them, and leaves empty what was not measured.
func TestQualityOfDifferentK(t *testing.T) {
	rows := []ScoreRow{
		{"before", &eval.Scores{Recall: map[int]float64{1: 0.25, 2: 0.5}, NMI: 0.125}},
		{"after", &eval.Scores{
			Recall: map[int]float64{1: 0.5, 10: 0.75, 1000: 1}, MAPAtR: 0.5,
			RecallInterval: map[int]eval.Interval{1: {Low: 0.4, High: 0.6}, 10: {Low: 0.7, High: 0.8}},
			MAPAtRInterval: &eval.Interval{Low: 0.45, High: 0.55},
		}},
	}
	ks := recallKs(rows)
	if IntervalNote(rows[:1]) != "" || IntervalNote(rows) == "" {
		t.Errorf("notes %q and %q", IntervalNote(rows[:1]), IntervalNote(rows))
	}
	if !slices.Equal(ks, []int{1, 2, 10, 1000}) {
		t.Fatalf("K %v", ks)
	}
	for i, want := range [][]string{
		{"before", "0.250", "0.500", "", "", "0.000", "0.125", "0.000", "0.000", "0.000"},
		{"after", "0.500 (0.400 to 0.600)", "", "0.750", "1.000", "0.500 (0.450 to 0.550)", "0.000", "0.000", "0.000", "0.000"},
	} {
		if got := rows[i].cells(ks); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

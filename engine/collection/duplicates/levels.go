package duplicates

import "math"

// Level is what a threshold would find of near duplicates.
type Level struct {
	Threshold float64  `json:"threshold"`
	Pairs     int      `json:"near_pairs"`
	Groups    int      `json:"groups"`
	Images    int      `json:"images"`             // in these groups
	Precision *float64 `json:"expected_precision"` // nil: not known
	Recall    *float64 `json:"expected_recall"`
}

// levelSteps are the distances of the other thresholds from the one that was taken, as parts of its distance to 1. Networks differ in how
// far similarities spread.
var levelSteps = []float64{-0.1, -0.05, 0, 0.1, 0.25, 0.5}

// levels count what other thresholds would find, down to reach; passed are the pairs that pass the check, in the order of byBest.
// Thresholds other than the one that was taken have three decimals.
func (f *finder) levels(passed []pair, reach float64) []Level {
	list, own := []Level{}, f.report.Threshold
	for _, step := range levelSteps {
		t := math.Round(1000*(own+step*(1-own))) / 1000
		if step == 0 {
			t = own
		}
		if step < 0 && !(t >= reach && t < own) || t > 1 || len(list) > 0 && t <= list[len(list)-1].Threshold {
			continue
		}
		l := Level{Threshold: t, Pairs: reaching(passed, t)}
		for _, group := range linked(passed[:l.Pairs]) {
			l.Groups++
			l.Images += len(group)
		}
		if f.expected != nil {
			c := f.expected.of(t)
			l.Precision, l.Recall = &c.precision, &c.recall
		}
		list = append(list, l)
	}
	return list
}

package run

import "testing"

// TestLookFits: what a damaged state says of images that are not there is not shown.
func TestLookFits(t *testing.T) {
	good := func() *Look {
		return &Look{
			Images: 3, Queries: []int32{0, 2}, Near: [][]int32{{1}, {0}}, Cosine: [][]float32{{.5}, {.5}},
			Cosines: Cosines{Nearest: make([]float64, CosineBins), All: make([]float64, CosineBins)},
		}
	}
	if s := (&State{Start: good()}); s.StartLook(3) == nil || s.StartLook(2) != nil {
		t.Error("a look of 3 images is one of 3 alone")
	}
	if (&State{}).StartLook(3) != nil {
		t.Error("an earlier version's state has a look")
	}
	for name, spoil := range map[string]func(*Look){
		"a query too many":     func(l *Look) { l.Queries = append(l.Queries, 1) },
		"a query outside":      func(l *Look) { l.Queries[0] = 3 },
		"a neighbour outside":  func(l *Look) { l.Near[1][0] = -1 },
		"cosines of others":    func(l *Look) { l.Cosine = l.Cosine[:1] },
		"a cosine too many":    func(l *Look) { l.Cosine[0] = append(l.Cosine[0], 1) },
		"bins of another kind": func(l *Look) { l.Cosines.Same = []float64{1} },
	} {
		l := good()
		if spoil(l); (&State{Start: l}).StartLook(3) != nil {
			t.Errorf("%s is shown", name)
		}
	}
}

package method

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// epochsOf are epochs with the given numbers of clusters with members.
func epochsOf(used ...float64) []EpochFigures {
	var list []EpochFigures
	for i, n := range used {
		list = append(list, EpochFigures{Epoch: i + 1, Figures: []Figure{{liveEpochKey, n}}})
	}
	return list
}

// TestOneCluster covers histories that are a collapse, and histories that are not.
func TestOneCluster(t *testing.T) {
	const says = "one of 4 clusters in epochs 3 to 4 (--collapse-epochs 2)"
	for name, c := range map[string]struct {
		figures clusterFigures
		used    []float64
		images  int
		since   int
	}{
		"healthy":               {clusterFigures{clusters: 4, collapseEpochs: 2}, []float64{4, 4, 4, 4}, 60, 0},
		"one":                   {clusterFigures{clusters: 4, collapseEpochs: 2}, []float64{4, 4, 1, 1}, 60, 3},
		"one of one":            {clusterFigures{clusters: 1, collapseEpochs: 2}, []float64{1, 1, 1, 1}, 60, 0},
		"one once":              {clusterFigures{clusters: 4, collapseEpochs: 2}, []float64{4, 1, 4, 1}, 60, 0},
		"one, three asked":      {clusterFigures{clusters: 4, collapseEpochs: 3}, []float64{4, 4, 1, 1}, 60, 0},
		"one, switched off":     {clusterFigures{clusters: 4}, []float64{1, 1, 1, 1}, 60, 0},
		"one of few images":     {clusterFigures{clusters: 4, collapseEpochs: 2}, []float64{1, 1}, collapseImages - 1, 0},
		"a run without figures": {clusterFigures{clusters: 4, collapseEpochs: 2}, []float64{0, 0}, 60, 0},
	} {
		got := c.figures.Collapsed(epochsOf(c.used...), c.images)
		switch {
		case c.since == 0 && got != nil:
			t.Errorf("%s: %+v", name, got)
		case c.since > 0 && (got == nil || got.Since != c.since || !strings.Contains(got.Seen, says)):
			t.Errorf("%s: %+v, want since %d", name, got, c.since)
		}
	}
}

// TestClusterFigures: an epoch computed by hand, whole and interrupted after its first step.
func TestClusterFigures(t *testing.T) {
	whole := clusterFigures{clusters: 2}
	whole.Begin()
	whole.Add(1, 1)
	state, err := json.Marshal(whole.state())
	if err != nil {
		t.Fatal(err)
	}
	rest := clusterFigures{clusters: 2}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(state, &raw); err != nil {
		t.Fatal(err)
	}
	if err := rest.setState(raw); err != nil {
		t.Fatal(err)
	}
	for _, f := range []*clusterFigures{&whole, &rest} {
		f.Add(3, 2)
		got := f.Epoch(4, 2, []int32{3, 1})
		// One image is in one of two clusters, three are in 1.75 on average, four in 1.875.
		want := []float64{1.5, (1 + 1.75) / 2, 2, 1.875, (0.75*math.Log(4.0/3) + 0.25*math.Log(4)) / math.Log(2)}
		for i, v := range want {
			if !(math.Abs(got[i].Value-v) <= 1e-12) {
				t.Errorf("%s is %g, want %g", got[i].Key, got[i].Value, v)
			}
		}
		if text := f.Text(got); text != "1.5 live clusters a batch (1.4 if random)" {
			t.Error(text)
		}
		if told := f.Diagnosis(got); len(told) != 1 || told[0] != (Figure{liveKey, 2}) {
			t.Errorf("%+v", told)
		}
		for _, c := range f.Charts() {
			for _, l := range c.Lines {
				if _, ok := Find(got, l.Key); !ok {
					t.Errorf("%s draws %s, which is not a figure", c.Title, l.Key)
				}
			}
		}
	}
	if whole.Text(nil) != "" || whole.Diagnosis(nil) != nil {
		t.Error("an epoch without figures has a text")
	}
	if rest.setState(map[string]json.RawMessage{"live": []byte(`"x"`)}) == nil {
		t.Error("a text is taken for a number")
	}
}

package train

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
)

// epochsOf is a history of epochs with the given numbers of live clusters, and with an evaluation where the rank is not 0.
func epochsOf(clusters []int, ranks []float64) []*run.EpochReport {
	var list []*run.EpochReport
	for i, n := range clusters {
		r := &run.EpochReport{Epoch: i + 1, Health: run.Health{{Key: "live_clusters_epoch", Value: float64(n)}}}
		if n == 0 { // a method without clusters
			r.Health = nil
		}
		if ranks[i] != 0 {
			r.Quality = &run.Quality{EffectiveRank: ranks[i]}
		}
		list = append(list, r)
	}
	return list
}

// TestCollapsed covers histories of epochs and evaluations that end training, and histories that do not.
func TestCollapsed(t *testing.T) {
	tr := openTiny(t, tiny(t, nil))
	none := []float64{0, 0, 0, 0}
	for _, c := range []struct {
		name     string
		clusters []int
		ranks    []float64
		change   func(*setting.Config)
		reason   string
		since    int
	}{
		{"healthy", []int{4, 4, 4, 4}, []float64{9, 9, 9, 9}, nil, "", 0},
		{"one cluster", []int{4, 4, 1, 1}, none, nil, "one cluster", 3},
		{"without clusters", []int{0, 0, 0, 0}, none, nil, "", 0},
		{"low rank", []int{4, 4, 4, 4}, []float64{9, 1.1, 0, 1.49}, nil, rankReason, 2},
		{"low rank once", []int{4, 4, 4, 4}, []float64{1.1, 1.5, 0, 1.1}, nil, "", 0},
		{"low rank, three asked", []int{4, 4, 4, 4}, []float64{9, 9, 1.1, 1.1}, func(c *setting.Config) { c.CollapseEvals = 3 }, "", 0},
		{"low rank, switched off", []int{4, 4, 4, 4}, []float64{1, 1, 1, 1}, func(c *setting.Config) { c.CollapseEvals = 0 }, "", 0},
		{"low rank, no threshold", []int{4, 4, 4, 4}, []float64{1, 1, 1, 1}, func(c *setting.Config) { c.CollapseRank = 0 }, "", 0},
		{"low rank of two dimensions", []int{4, 4, 4, 4}, []float64{1, 1, 1, 1}, func(c *setting.Config) { c.Dim = 2 }, "", 0},
	} {
		config := tr.Network.Config
		if c.change != nil {
			c.change(&tr.Network.Config)
		}
		tr.state.History, tr.state.Epoch = epochsOf(c.clusters, c.ranks), 4
		err := tr.collapsed()
		tr.Network.Config = config
		switch {
		case c.reason == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.reason != "":
			if d := wantDivergence(t, err, c.reason); d.Since != c.since {
				t.Errorf("%s: since epoch %d, want %d", c.name, d.Since, c.since)
			}
		}
	}
}

// TestOneClusterEndsTheRun: a bias that puts every image into cluster 0 from the second epoch on ends training after the third.
// The checkpoint of the first epoch is from before the collapse, that of the second is not.
func TestOneClusterEndsTheRun(t *testing.T) {
	c := tiny(t, func(c *setting.Config) { c.Epochs, c.Optimizer, c.LR = 9, "sgd", 1e-6 })
	tr := openTiny(t, c)
	tr.show = &poisoner{tr, tr.loader.Batches(), "head.fc.bias", 1e4}
	_, err := tr.Train(context.Background())
	d := wantDivergence(t, err, "one cluster")
	good := filepath.Join(c.Out, "checkpoints", "000001")
	if d.Since != 2 || tr.state.Epoch != 3 || checkpoint.Verify(good) != nil ||
		!strings.Contains(err.Error(), good+" is intact and from before") {
		t.Errorf("since epoch %d, ended after %d: %v", d.Since, tr.state.Epoch, err)
	}
	g, _ := readDiagnosis(t, tr)
	if g.LastGood != good || g.Batch.NotFinite || g.Batch.Exact || len(g.History) != 3 || liveClusters(t, tr) != 1 {
		t.Errorf("%+v, %+v", g, g.Batch)
	}
	if latest, _, _ := checkpoint.Latest(c.Out); filepath.Base(latest) != "000002" {
		t.Errorf("the last checkpoint is %s", latest)
	}
}

// TestDivergenceFollows: which checkpoints are from before a collapse or a divergence that began in the fourth epoch.
func TestDivergenceFollows(t *testing.T) {
	collapse, numbers := &Divergence{Reason: rankReason, Since: 4, SavedBefore: true}, &Divergence{Reason: badStepsReason, Since: 4}
	for name, want := range map[string][2]bool{
		"000003": {true, true}, "000004": {false, true}, "000002-000007": {true, true}, "000003-000001": {false, true},
		"last": {false, false}, ".tmp-000003": {false, false}, "3": {false, false},
	} {
		if got := [2]bool{collapse.follows(name), numbers.follows(name)}; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// liveClusters is the number of live clusters of the last epoch in diagnosis.json.
func liveClusters(t *testing.T, tr *Trainer) float64 {
	t.Helper()
	b, err := os.ReadFile(tr.run.Path(run.DiagnosisFile))
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		History []struct {
			LiveClusters float64 `json:"live_clusters"`
		}
	}
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	return g.History[len(g.History)-1].LiveClusters
}

package past

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/method"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/models/disk"
)

// scoredAt is the quality of an embedding with that Recall@1.
func scoredAt(recall float64) *run.Quality {
	return &run.Quality{Scores: &eval.Scores{Images: 10, Classes: 2, Recall: map[int]float64{1: recall, 2: 1}}, EffectiveRank: 3}
}

// makeRun writes a run of that many epochs, each with its loss and Recall@1, and returns its folder.
func makeRun(t *testing.T, name string, change func(*setting.Config, *run.State), recalls ...float64) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	c := setting.Defaults()
	c.Data, c.Backbone, c.Size, c.Epochs = "photos", "conv4", 16, len(recalls)
	if err := c.Resolve(); err != nil {
		t.Fatal(err)
	}
	s := run.State{Version: run.StateVersion, Epoch: len(recalls), Data: "aa", Before: scoredAt(0.25)}
	for i, v := range recalls {
		h := &run.EpochReport{Epoch: i + 1, Terms: map[string]float64{"loss": 1 / float64(i+1)}, Quality: scoredAt(v)}
		h.Health = run.Health{method.Figure{Key: run.AgreementKey, Value: 0.5}}
		s.History = append(s.History, h)
	}
	if change != nil {
		change(&c, &s)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := run.At(dir).WriteConfig(c); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{run.StateFile: b}
	if err := checkpoint.NewStore(disk.OS, dir).Save(checkpoint.At{Epoch: s.Epoch}, files, 1); err != nil {
		t.Fatal(err)
	}
	return dir
}

// ended makes a run a finished one with that Recall@1 at its end.
func ended(recall float64) func(*setting.Config, *run.State) {
	return func(_ *setting.Config, s *run.State) {
		s.Result = &run.Result{Before: s.Before, After: scoredAt(recall), Epochs: s.Epoch}
	}
}

func TestLookTellsTheState(t *testing.T) {
	dir := makeRun(t, "a", nil, 0.5, 0.75, 0.625)
	if r := Look(dir); r.State != Interrupted || r.Epoch != 3 || r.Started == nil || *r.Best != (Score{recallAt1, 0.75, "epoch 2"}) ||
		r.Scored != 10 || r.Classes != 2 {
		t.Errorf("%+v, best %+v", r, r.Best)
	}
	if err := os.WriteFile(filepath.Join(dir, run.DiagnosisFile), []byte("{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	if r := Look(dir); r.State != Diverged {
		t.Errorf("%s", r.State)
	}
	release, _, err := checkpoint.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if r := Look(dir); r.State != Running {
		t.Errorf("%s", r.State)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if r := Look(makeRun(t, "b", ended(0.875), 0.5)); r.State != Finished || *r.Best != (Score{recallAt1, 0.875, "end"}) {
		t.Errorf("%+v", r)
	}
	raised := func(c *setting.Config, s *run.State) { ended(0.5)(c, s); c.Epochs = 9 }
	if r := Look(makeRun(t, "c", raised, 0.5)); r.State != Interrupted {
		t.Errorf("a run whose epochs were raised is %s", r.State)
	}
}

// Each damage is one sentence, and nothing else of the list is lost.
func TestListOfDamagedRuns(t *testing.T) {
	for name, c := range map[string]struct {
		harm func(dir string) error
		want string
	}{
		"no settings":   {func(d string) error { return os.Remove(filepath.Join(d, "config.yaml")) }, "holds no config.yaml"},
		"long settings": {func(d string) error { return os.Truncate(filepath.Join(d, "config.yaml"), 1<<20) }, "limit"},
		"pipe": {func(d string) error {
			return os.Remove(filepath.Join(d, "checkpoints", "000001", "MANIFEST"))
		}, "MANIFEST is missing"},
		"long state": {func(d string) error {
			return os.Truncate(filepath.Join(d, "checkpoints", "000001", "state.json"), 1<<40)
		}, "1099511627776 bytes instead of"},
	} {
		dir := makeRun(t, "a", ended(1), 0.5)
		if err := os.WriteFile(filepath.Join(dir, checkpoint.LockFile), nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := c.harm(dir); err != nil {
			t.Fatal(err)
		}
		list, err := List(filepath.Dir(dir))
		if err != nil || len(list) != 1 || list[0].State != Damaged || !strings.Contains(list[0].Problem, c.want) ||
			strings.Contains(list[0].Problem, "\n") {
			t.Errorf("%s: %v, %+v", name, err, list)
		}
	}
}

func TestListSkipsOtherFolders(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"photos.udml/model/config.yaml", "photos.udml/model/lock", ".x/config.yaml", ".x/lock", "app/config.yaml"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("..", filepath.Join(root, "app", "loop")); err != nil {
		t.Fatal(err)
	}
	if list, err := List(root); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

func TestBestWithoutLabels(t *testing.T) {
	some := 0.25
	for want, s := range map[Score]*run.State{
		{effectiveRank, 3, "end"}:     {Result: &run.Result{After: &run.Quality{EffectiveRank: 3}}},
		{viewRecall, 0.25, "end"}:     {Result: &run.Result{After: &run.Quality{ViewRecall: &some, EffectiveRank: 3}}},
		{viewRecall, 0.25, "epoch 1"}: {History: []*run.EpochReport{{Epoch: 1, Quality: &run.Quality{ViewRecall: &some}}, {Epoch: 2}}},
	} {
		if got := best(s); got == nil || *got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if got := best(&run.State{Before: scoredAt(1)}); got != nil {
		t.Errorf("the score before training is taken for a result: %+v", got)
	}
}

// FuzzStart: any bytes give a start with a time, or none.
func FuzzStart(f *testing.F) {
	f.Add([]byte("{\"time\":\"2024-02-03T04:05:06Z\",\"event\":\"start\",\"about\":{\"images\":3}}\n"))
	f.Add([]byte("{\"time\":\"2024-02-03T04:05:06Z\""))
	f.Add([]byte("{\"time\":7}\n"))
	f.Add([]byte("{\"time\":\"2024-02-03T04:05:06Z\",\"about\":{\"images\":-3}}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, ok := parseStart(b)
		if ok && (s.Time.IsZero() || s.About.Images < 0 || s.Time.Location() != time.UTC) {
			t.Errorf("%q is taken for %+v", b, s)
		}
	})
}

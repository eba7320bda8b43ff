package past

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/report"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
)

func TestCompare(t *testing.T) {
	a := makeRun(t, "a", ended(0.5), 0.25, 0.5)
	b := makeRun(t, "b", func(c *setting.Config, s *run.State) {
		ended(0.75)(c, s)
		c.LR, c.Method = 0.5, "rim"
	}, 0.75)
	c, err := Compare([]string{a, b})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, s := range c.Settings {
		keys = append(keys, s.Key)
		if s.Key == "alpha" && (s.Values[0] != 1.0 || s.Values[1] != nil) || s.Key == "lr" && (s.Values[0] != 1e-3 || s.Values[1] != 0.5) {
			t.Errorf("%+v", s)
		}
	}
	if !slices.Contains(keys, "alpha") || !slices.Contains(keys, "lr") || slices.Contains(keys, "out") || slices.Contains(keys, "size") {
		t.Errorf("settings %q", keys)
	}
	if c.SameData == nil || !*c.SameData || !strings.HasPrefix(c.Verdict(), "b ended best: Recall@1 0.750, a 0.500") {
		t.Errorf("%v, %s", c.SameData, c.Verdict())
	}
	if f := c.Result[0]; f.Figure != recallAt1 || *f.Before[0] != 0.25 || *f.After[1] != 0.75 || c.Result[1].Figure != "recall@2" {
		t.Errorf("%+v", c.Result)
	}
	if l := c.Curves[0].Lines; c.Curves[0].Figure != "loss" || !slices.Equal(l[0].Values, []float64{1, 0.5}) || len(l[1].Values) != 1 {
		t.Errorf("%+v", c.Curves[0])
	}
	if l := c.Curves[1].Lines; c.Curves[1].Figure != recallAt1 || !slices.Equal(l[0].Epochs, []int{0, 1, 2}) {
		t.Errorf("%+v", c.Curves[1])
	}
	if c, err = Compare([]string{a, makeRun(t, "b", nil, 1)}); err != nil || c.Verdict() != "Only a has a score at its end: Recall@1 0.500." {
		t.Errorf("%v, %s", err, c.Verdict())
	}
	if _, err := json.Marshal(c); err != nil {
		t.Error(err)
	}
}

// Whether images are the same can be told only of images that were prepared in the same way.
func TestCompareData(t *testing.T) {
	a := makeRun(t, "a", ended(0.5), 0.5)
	for want, change := range map[string]func(*setting.Config, *run.State){
		"scores of different data": func(c *setting.Config, s *run.State) { ended(1)(c, s); s.Data = "bb" },
		"different --size":         func(c *setting.Config, s *run.State) { ended(1)(c, s); s.Data = "bb"; c.Size = 32 },
		"readable checkpoint":      func(c *setting.Config, s *run.State) { s.Data = "" },
	} {
		c, err := Compare([]string{a, makeRun(t, "b", change, 0.5)})
		if err != nil || !strings.Contains(c.DataNote, want) || (c.SameData == nil) != !strings.Contains(want, "scores of") {
			t.Errorf("%s: %v, %s, %v", want, err, c.DataNote, c.SameData)
		}
	}
}

// Equal names are told apart by their paths, and a page holds them as text.
func TestWriteHTML(t *testing.T) {
	a, b := makeRun(t, "<b>x", ended(0.5), 0.5, 1), makeRun(t, "<b>x", nil, 0.5)
	c, err := Compare([]string{a, b})
	if err != nil || !slices.Equal(c.Names(), []string{a, b}) {
		t.Fatalf("%v, %q", err, c.Names())
	}
	path := filepath.Join(t.TempDir(), "page.html")
	if err := c.WriteHTML(path); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(page), "<b>x") || strings.Contains(string(page), "<script") || strings.Contains(string(page), "Zgot") {
		t.Errorf("%v", err)
	}
	if n := strings.Count(string(page), "<path d=\"M"); n < 2*len(c.Curves) {
		t.Errorf("%d lines in %d charts of two runs", n, len(c.Curves))
	}
	if err := c.WriteHTML(filepath.Join(path, "x")); err == nil {
		t.Error("a page below a file was written")
	}
}

// A table of many epochs is short and has the last.
func TestRowsOfManyEpochs(t *testing.T) {
	var p Points
	for e := range 1001 {
		p.add(e, 1)
	}
	rows := Curve{Figure: "loss", Lines: []Points{p, {}}}.rows()
	if len(rows) > shownEpochs || rows[len(rows)-1][0] != "epoch 1000" || rows[0][2] != "" {
		t.Errorf("%d rows, %q", len(rows), rows)
	}
}

func TestShow(t *testing.T) {
	d, err := Show(makeRun(t, "a", func(c *setting.Config, s *run.State) { ended(0.5)(c, s); c.LR = 0.25 }, 0.5))
	if err != nil {
		t.Fatal(err)
	}
	value := func(key string) any {
		for _, s := range d.Settings {
			if s.Key == key {
				return s.Value
			}
		}
		return nil
	}
	if value("lr") != 0.25 || value("backbone") != "conv4" || value("flip") != nil || value("dim") != nil || len(d.Files) < 3 {
		t.Errorf("%+v, %+v", d.Settings, d.Files)
	}
	if _, err := Show(t.TempDir()); err == nil {
		t.Error("an empty folder is shown as a run")
	}
}

func TestCurvesFitTheirCharts(t *testing.T) {
	c, err := Compare([]string{makeRun(t, "a", ended(0.5), 0.5), makeRun(t, "b", nil)})
	if err != nil {
		t.Fatal(err)
	}
	for _, curve := range c.Curves {
		for _, l := range curve.Lines {
			if len(l.Epochs) != len(l.Values) || l.Epochs == nil {
				t.Errorf("%+v", curve)
			}
		}
		if (report.Chart{Lines: []report.Line{{X: []float64{1}, Y: curve.Lines[0].Values[:1]}}}).Plot() == nil {
			t.Errorf("%s has no chart", curve.Figure)
		}
	}
}

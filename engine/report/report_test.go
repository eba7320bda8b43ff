package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestWriteMetrics(t *testing.T) {
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	for _, lines := range [][]any{nil, {map[string]int{"epoch": 1}}, {map[string]int{"epoch": 1}, map[string]string{"a": "<&>"}}} {
		if err := WriteMetrics(path, lines); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil || strings.Count(string(b), "\n") != len(lines) {
			t.Errorf("%q, %v", b, err)
		}
		for line := range strings.Lines(string(b)) {
			if !json.Valid([]byte(line)) {
				t.Errorf("not JSON: %q", line)
			}
		}
	}
	if err := WriteMetrics(path, []any{math.NaN()}); err == nil {
		t.Error("NaN was written as JSON")
	}
}

// clocked is a bar whose clock is set by the test.
func clocked(w io.Writer, interactive bool) (*Bar, func(time.Duration)) {
	b, at := NewBar(w, interactive), time.Unix(1000, 0)
	b.now = func() time.Time { return at }
	b.width = func() int { return 120 }
	return b, func(d time.Duration) { at = at.Add(d) }
}

func TestBar(t *testing.T) {
	var w bytes.Buffer
	b, wait := clocked(&w, true)
	terms := map[string]float64{"rim": 0.5, "loss": 1.25, "metric": 2}
	b.Step(Position{1, 2, 1, 11, 10}, terms)
	wait(2 * time.Second)
	w.Reset()
	b.Step(Position{1, 2, 2, 11, 30}, terms)
	for _, want := range []string{"epoch 1/2", "2/11", "10 images/s", "0:40 left", "loss 1.25  metric 2  rim 0.5"} {
		if !strings.Contains(w.String(), want) {
			t.Errorf("%q is not in %q", want, w.String())
		}
	}
	w.Reset()
	wait(redraw / 2)
	b.Step(Position{1, 2, 3, 11, 40}, terms)
	if w.Len() > 0 {
		t.Errorf("redrawn too soon: %q", w.String())
	}
	b.width = func() int { return 20 }
	b.Step(Position{1, 2, 11, 11, 50}, terms)
	if n := len(strings.Trim(w.String(), "\r\x1b[K")); n > 19 {
		t.Errorf("%d characters on a terminal of 20: %q", n, w.String())
	}
	w.Reset()
	b.Clear()
	b.Clear()
	if w.String() != "\r\x1b[K" {
		t.Errorf("cleared by %q", w.String())
	}
}

func TestBarIsSilentWithoutTerminal(t *testing.T) {
	var w bytes.Buffer
	b, _ := clocked(&w, false)
	b.Step(Position{1, 2, 1, 1, 1}, nil)
	b.Loading(1, 2)
	b.Clear()
	if w.Len() > 0 {
		t.Errorf("wrote %q", w.String())
	}
}

func TestBarLoading(t *testing.T) {
	var w bytes.Buffer
	b, _ := clocked(&w, true)
	b.Loading(1, 4)
	b.Loading(4, 4)
	if want := "reading images [=====               ] 1/4"; !strings.Contains(w.String(), want) ||
		!strings.HasSuffix(w.String(), "\r\x1b[K") {
		t.Errorf("%q", w.String())
	}
}

// The time left of a piece of work is by its own pace, from its first part on.
func TestBarWork(t *testing.T) {
	var w bytes.Buffer
	b, wait := clocked(&w, true)
	b.Work("sorting", 10, 50)
	if strings.Contains(w.String(), "left") {
		t.Errorf("time left of nothing: %q", w.String())
	}
	wait(5 * time.Second)
	b.Work("sorting", 20, 50)
	if want := "sorting, 0:15 left [========            ] 20/50"; !strings.Contains(w.String(), want) {
		t.Errorf("%q is not in %q", want, w.String())
	}
	w.Reset()
	wait(5 * time.Second)
	b.Work("placing", 1, 50)
	if strings.Contains(w.String(), "left") {
		t.Errorf("time left by the pace of other work: %q", w.String())
	}
	silent, _ := clocked(&w, false)
	w.Reset()
	silent.Work("sorting", 1, 2)
	if w.Len() > 0 {
		t.Errorf("wrote %q", w.String())
	}
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0:00", 61 * time.Second: "1:01", 3723 * time.Second: "1:02:03"} {
		if got := clock(d); got != want {
			t.Errorf("%v is %s, want %s", d, got, want)
		}
	}
}

func TestPlotOfOddData(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, lines := range map[string][]Line{
		"one point":  {{X: []float64{1}, Y: []float64{3}}},
		"gap":        {{X: []float64{1, 2, 3}, Y: []float64{1, nan, 2}}},
		"infinite":   {{X: []float64{1, 2}, Y: []float64{inf, 1}}},
		"constant":   {{X: []float64{1, 2}, Y: []float64{5, 5}}},
		"huge":       {{X: []float64{1, 2}, Y: []float64{-1.5e308, 1.5e308}}},
		"tiny range": {{X: []float64{1, 2}, Y: []float64{1, 1 + 1e-15}}},
		"uneven":     {{X: []float64{1, 2, 3}, Y: []float64{1}}},
	} {
		p := Chart{Lines: lines}.Plot()
		if p == nil {
			t.Fatalf("%s: nothing to show", name)
		}
		for _, path := range p.Paths {
			if path.D == "" || strings.ContainsAny(path.D, "NI") {
				t.Errorf("%s: path %q", name, path.D)
			}
		}
	}
	for name, lines := range map[string][]Line{"none": nil, "empty": {{}}, "only NaN": {{X: []float64{1}, Y: []float64{nan}}}} {
		if p := (Chart{Lines: lines}).Plot(); p != nil {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestTicks(t *testing.T) {
	a := axis{lo: 0.12, hi: 0.87, from: 0, to: 100}
	var labels []string
	for _, k := range a.ticks(4, false) {
		labels = append(labels, k.Label)
	}
	if got := strings.Join(labels, " "); got != "0.2 0.4 0.6 0.8" {
		t.Errorf("ticks %s", got)
	}
	for _, c := range []struct {
		v, step float64
		want    string
	}{{0.98575, 0.00005, "0.98575"}, {-0, 0.1, "0"}, {3, 1, "3"}, {-1.2, 0.1, "-1.2"}, {120, 20, "120"}, {2e9, 1e9, "2e+09"}, {1e-12, 1e-12, "1e-12"}} {
		if got := tickLabel(c.v, c.step); got != c.want {
			t.Errorf("the tick %g is %s, want %s", c.v, got, c.want)
		}
	}
}

func TestWriteHTML(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	p := Page{
		Title: "run <script>alert(1)</script>", Warnings: []string{"looks worse"}, Summary: []Field{{"Recall@1", "0.5"}},
		Charts:   []Chart{{Title: "loss", Lines: []Line{{Name: "metric", X: []float64{1, 2, 3}, Y: []float64{3, 2, 1}}}}, {Title: "empty"}},
		Tables:   []Table{{Title: "quality", Columns: []string{"", "before"}, Rows: [][]string{{"Recall@1", "0.1"}}}},
		Settings: []Field{{"batch", "64"}},
	}
	if err := WriteHTML(path, p); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"looks worse", "Recall@1", `<path d="M52.0 10.0h0L`, "metric 1<", "&lt;script&gt;"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%q is missing", want)
		}
	}
	for _, bad := range []string{"<script", "http", "ZgotmplZ"} {
		if strings.Contains(string(b), bad) {
			t.Errorf("%q is in the page", bad)
		}
	}
	wellFormed(t, b)
}

// wellFormed checks that every element of the page's body is closed.
func wellFormed(t *testing.T, b []byte) {
	body := b[bytes.Index(b, []byte("<body>")):bytes.Index(b, []byte("</html>"))]
	d := xml.NewDecoder(bytes.NewReader(body))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

package reproduce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/data/datatest"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/method"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/train"
)

// TestTables: each row is of a method that there is, once; its protocol is a run that could begin, and what is published has a source.
func TestTables(t *testing.T) {
	for _, table := range tables {
		seen := map[string]bool{}
		for _, r := range table.Rows {
			c, err := table.Protocol(r, setting.Config{})
			if err != nil || c.Method != r.Method || !slices.Contains(method.Names(), r.Method) || seen[r.Method] || c.Epochs != 30 {
				t.Errorf("%s, %s: %v, method %s, %d epochs", table.Name, r.Method, err, c.Method, c.Epochs)
			}
			seen[r.Method] = true
			if p := r.Published; p != nil && (p.Source == "" || !(p.Recall1 > 0 && p.Recall1 < 1) || !(p.NMI >= 0 && p.NMI < 1)) {
				t.Errorf("%s, %s: published %+v", table.Name, r.Method, p)
			}
			if d := c.Departures(c, table.Preset); len(d) != 0 {
				t.Errorf("%s, %s: the protocol differs from itself: %v", table.Name, r.Method, d)
			}
		}
		if table.CheckData(table.Format+":x") != nil || table.CheckData("x") == nil || !seen["cbswr"] {
			t.Errorf("%+v", table)
		}
	}
	if _, err := Find("cbswr-table1"); err != nil {
		t.Error(err)
	}
}

// TestDepartures: of what a file or a flag changes, that which the preset states is named, with the protocol's value.
func TestDepartures(t *testing.T) {
	table, _ := Find("cbswr-table1")
	row := table.Rows[slices.IndexFunc(table.Rows, func(r Row) bool { return r.Method == "instance" })]
	for text, want := range map[string]string{
		"":                                    "",
		"epochs: 5\nbatch: 32\n":              "epochs 5 (30), batch 32 (64)",
		"pretrained: weights.npz\nworkers: 1": "",
		"positives: neighbours":               "positives neighbours (self)",
		"clusters: 7\nseed: 9\nmethod: rim":   "", // instance has no clusters, and the method is the row's
		"backbone: conv4\npretrained: 'false'\nsize: 16\nresize: 18\nmean: '0,0,0'\nchannel-order: bgr\npixel-range: 255": "backbone " +
			"conv4 (googlenet_caffe), pretrained false (true), size 16 (224), resize 18 (256), mean 0,0,0 (102.9801,115.9465,122.7717), " +
			"std 255,255,255 (1,1,1)",
	} {
		l, err := table.Settings("file.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		row.Lay(l)
		l.Config.Data = "cub:x"
		if err := l.Resolve(); err != nil {
			t.Fatal(err)
		}
		line, err := table.line(Planned{row, l.Config}, &run.Result{After: &run.Quality{}, Epochs: l.Config.Epochs}, nil)
		if got := changesText(line.Differs); err != nil || got != want || line.ReadsLabels {
			t.Errorf("%q: %q, want %q; %v", text, got, want, err)
		}
	}
}

// TestNotes: what all rows share is said once; a dash stands for what is not published or not measured.
func TestNotes(t *testing.T) {
	epochs, lr := setting.Change{Name: "epochs", Was: 30, Now: 1}, setting.Change{Name: "lr", Was: 0.001, Now: 0.1}
	r := &Result{Table: "t", Set: "Birds", Images: 10, Classes: 2, Preset: "p", Rows: []Line{
		{
			Method: "a", ReadsLabels: true, Epochs: 1, Differs: []setting.Change{epochs, lr},
			Measured: &eval.Scores{Images: 10, Classes: 2, Recall: map[int]float64{1: 0.5}, NMI: 0.25, MAPAtR: 0.125},
		},
		{
			Method: "b", Epochs: 1, Differs: []setting.Change{epochs}, Problem: "it diverged",
			Published: &Published{Recall1: 0.75, Source: "a book"},
		},
	}}
	rows := r.Scores().Rows
	if !slices.Equal(rows[0], []string{"a", "read", "0.500", "-", "0.250", "-", "0.125", "1"}) ||
		!slices.Equal(rows[1], []string{"b", "", "-", "0.750", "-", "-", "-", "1"}) {
		t.Errorf("%q", rows)
	}
	notes := strings.Join(r.Notes(), "\n")
	for _, want := range []string{
		"all rows differ from the protocol (p): epochs 1 (30)\n", "a differs from the protocol: lr 0.1 (0.001)\n",
		"b has no result: it diverged\n",
		"b, published: a book",
	} {
		if !strings.Contains(notes, want) {
			t.Errorf("%q is missing in\n%s", want, notes)
		}
	}
	if strings.Contains(notes, "b differs") || strings.Contains(notes, "the test set has") {
		t.Error(notes)
	}
	r.Rows[0].Measured.Images = 9
	r.Rows[0].Differs, r.Rows[1].Differs = nil, nil
	if notes = strings.Join(r.Notes(), "\n"); !strings.Contains(notes, "the test set has 9 images of 2 classes, that of Birds 10 of 2") ||
		!strings.Contains(notes, "all rows follow the protocol (p)") {
		t.Error(notes)
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
}

func TestOnly(t *testing.T) {
	table, _ := Find("cbswr-table2")
	some, err := table.Only("cbswr, rim,cbswr")
	if err != nil || len(some.Rows) != 2 || some.Rows[0].Method != "cbswr" || len(table.Rows) < 9 {
		t.Errorf("%+v, %v", some.Rows, err)
	}
	if _, err := table.Only("stml9"); err == nil || !strings.Contains(err.Error(), "expected some of triplet, ") {
		t.Error(err)
	}
	if all, err := table.Only(""); err != nil || len(all.Rows) != len(table.Rows) {
		t.Error(err)
	}
}

// TestRunStops: a context that has ended before a row leaves nothing of it, and is a stop.
func TestRunStops(t *testing.T) {
	table, _ := Find("cbswr-table1")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	out := filepath.Join(t.TempDir(), "row")
	p := Planned{table.Rows[0], setting.Config{}}
	p.Config.Out = out
	r, err := Run(ctx, table, []Planned{p}, train.Session{})
	if r != nil || !errors.Is(err, train.ErrStopped) || run.Holds(out) {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestRunIsDoneOnce: a row is trained, and a second call gives its result without training.
func TestRunIsDoneOnce(t *testing.T) {
	table, _ := Find("cbswr-table1")
	table, err := table.Only("instance")
	if err != nil {
		t.Fatal(err)
	}
	birds := datatest.Tree(t, datatest.Cub(4, bird, 1, 2, 101, 102))
	text := "backbone: conv4\npretrained: 'false'\nsize: 16\nresize: 18\ndim: 8\nbatch: 4\nepochs: 1\n"
	l, err := table.Settings("file.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	table.Rows[0].Lay(l)
	l.Config.Data, l.Config.Out = "cub:"+birds, table.Rows[0].Folder(t.TempDir())
	if err := l.Resolve(); err != nil {
		t.Fatal(err)
	}
	rows := []Planned{{table.Rows[0], l.Config}}
	first, err := Run(context.Background(), table, rows, train.Session{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := Run(context.Background(), table, rows, train.Session{})
	if err != nil {
		t.Fatal(err)
	}
	a, b := first.Rows[0], second.Rows[0]
	if a.Measured == nil || a.Measured.Images != 8 || a.Measured.Classes != 2 || a.Epochs != 1 || b.Seconds != a.Seconds ||
		b.Measured.Recall[1] != a.Measured.Recall[1] || len(first.Rows) != 1 {
		t.Errorf("%+v, then %+v", a, b)
	}
}

// bird is an image of a colour that depends on the class, brighter to the right.
func bird(class, i int) []byte {
	im := image.NewRGBA(image.Rect(0, 0, 20, 20))
	for y := range 20 {
		for x := range 20 {
			im.Set(x, y, color.RGBA{uint8(class*60 + i), uint8(9 * x), uint8(class * 20 * (y % (class%3 + 2))), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		panic(err)
	}
	return b.Bytes()
}

package collection

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/half"
)

// rounded are rows as float16 gives them back.
func rounded(rows []float32) []float32 {
	out := make([]float32, len(rows))
	for i, v := range rows {
		out[i] = half.Float32(half.Bits(v))
	}
	return out
}

// allAdded are all images of the journal.
func allAdded(n int) Contents {
	return Contents{Images: n, Describe: func(int, *Item) {}, Places: func(yield func(int, Place) bool) {
		for i := 0; i < n && yield(i, Added(i)); i++ {
		}
	}}
}

// A collection of each kind: its rows, and those of the next generation, which has one row twice, and one that is new.
func TestKindsOfRows(t *testing.T) {
	for kind, files := range map[string]string{
		Float16: "vectors-%.f16", "float32": "vectors-%.f32", "halves": "halves-%.f16 vectors-%.f32",
	} {
		path := filepath.Join(t.TempDir(), "c.udml")
		items, rows := testItems(6)
		for i := range rows {
			rows[i] /= 7 // what float16 cannot hold
		}
		commit := func(n int, items []Item, rows []float32, c Contents) *Collection {
			w, err := Claim(path)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			if kind == "halves" {
				w.HalvesFrom = 3
			}
			if m := (Manifest{Dimensions: testDim}); w.Manifest == nil {
				if kind == Float16 {
					m.Type = Float16
				}
				if err := w.Start(m); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := w.Begin(func(Place, *Item) {}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Add(items, rows); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Commit(c, nil); err != nil {
				t.Fatal(err)
			}
			got, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = got.Close() })
			wantFiles(t, path, strings.ReplaceAll(files, "%", []string{"000001", "000002"}[n]))
			return got
		}
		wantRows(t, kind, commit(0, items, rows, allAdded(6)), rows)
		next := Contents{Images: 4, Describe: func(at int, it *Item) { it.Path = string(rune('a' + at)) }}
		next.Places = func(yield func(int, Place) bool) {
			_ = yield(0, Kept(2)) && yield(1, Kept(2)) && yield(2, Added(0)) && yield(3, Kept(5))
		}
		fresh, _ := testItems(7)
		wantRows(t, kind, commit(1, fresh[6:], []float32{0.1, -0.2, 0.3}, next), []float32{
			rows[6], rows[7], rows[8], rows[6], rows[7], rows[8], 0.1, -0.2, 0.3, rows[15], rows[16], rows[17],
		})
	}
}

func wantFiles(t *testing.T, path, want string) {
	t.Helper()
	entries, _ := os.ReadDir(path)
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "vectors") || strings.HasPrefix(e.Name(), "halves") {
			names = append(names, e.Name())
		}
	}
	if got := strings.Join(names, " "); got != want {
		t.Errorf("the files are %s, want %s", got, want)
	}
}

// wantRows wants these rows, or what float16 makes of them, from all that gives some.
func wantRows(t *testing.T, kind string, c *Collection, rows []float32) {
	t.Helper()
	want := rows
	if kind == Float16 {
		want = rounded(rows)
	}
	dev := kernels.CPU()
	defer dev.Close()
	if got := kernels.Data[float32](c.Rows(dev, 0, c.Len())); !reflect.DeepEqual(got, want) {
		t.Errorf("%s: rows %v, want %v", kind, got, want)
	}
	for i := range c.Len() {
		if got := c.Row(i); !reflect.DeepEqual(got, want[i*testDim:(i+1)*testDim]) {
			t.Errorf("%s: row %d is %v", kind, i, got)
		}
	}
	if kind == "float32" {
		if c.HasHalves() {
			t.Error("a small collection has float16 copies")
		}
		return
	}
	halves := make([]float32, len(rows))
	half.Decode(halves, c.Halves(0, c.Len()))
	if !reflect.DeepEqual(halves, rounded(rows)) {
		t.Errorf("%s: halves %v, want %v", kind, halves, rounded(rows))
	}
}

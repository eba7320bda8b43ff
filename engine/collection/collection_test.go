package collection

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"udml-gpu/engine/data/picture"
)

const (
	testDim = 3
	badPath = "b\xe4d.png"
)

// testItems are n items with every field set, and their rows. Paths and labels are no UTF-8.
func testItems(n int) (items []Item, rows []float32) {
	for i := range n {
		sum := sha256.Sum256([]byte{byte(i)})
		items = append(items, Item{
			Path: fmt.Sprintf("a/%03d \u00e9%%\xe9\\.png", i), SHA256: hex.EncodeToString(sum[:]), Size: int64(i + 1),
			Mark: 1<<60 + int64(i),
			Box:  picture.Box{X: 1, Y: 2, W: 3.5, H: float64(i + 1)}, Width: 640, Height: int32(i), Format: "PNG",
			Taken: "2024-02-03T04:05:06", Label: []string{"", "c\xe4t"}[i%2], Split: "train",
			Look: Look{1<<63 + uint64(i), 0.5, 0.25, 0.125, float32(i)}, Gone: i%3 == 1,
		})
		rows = append(rows, 1, float32(i), -float32(i))
	}
	return items, rows
}

// known is an image with a vector.
type known struct {
	Item
	place Place
}

// contents are those of a list, in byte order of the paths.
func contents(list ...known) Contents {
	return Contents{
		Images: len(list), Describe: func(n int, it *Item) { *it = list[n].Item },
		Places: func(yield func(int, Place) bool) {
			for n, k := range list {
				if !yield(n, k.place) {
					return
				}
			}
		},
	}
}

// added are the items with their rows in the journal.
func added(t *testing.T, w *Writer, items []Item, rows []float32) (list []known) {
	t.Helper()
	first, err := w.Add(items, rows)
	if err != nil {
		t.Fatal(err)
	}
	for i, it := range items {
		list = append(list, known{it, Added(first + i)})
	}
	return list
}

// begun is a writer of a new collection whose journal is open, and what is known: the present generation, then the journal.
func begun(t *testing.T, path string) (*Writer, []known) {
	t.Helper()
	w, err := Claim(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	if w.Manifest == nil {
		if err := w.Start(Manifest{Dimensions: testDim}); err != nil {
			t.Fatal(err)
		}
	}
	var kept, found []known
	n, err := w.Begin(func(p Place, it *Item) { found = append(found, known{*it, p}) })
	if err == nil {
		err = w.EachKept(func(row int, it *Item) { kept = append(kept, known{*it, Kept(row)}) })
	}
	if err != nil {
		t.Fatal(err)
	}
	if n != len(kept)+len(found) {
		t.Errorf("%d images are known, want %d and %d", n, len(kept), len(found))
	}
	return w, append(kept, found...)
}

func filled(t *testing.T, n int) (path string, items []Item, rows []float32) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "c.udml")
	w, _ := begun(t, path)
	items, rows = testItems(n)
	changed, err := w.Commit(contents(added(t, w, items, rows)...), []Damaged{{Path: badPath, Why: "no image"}})
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	w.Close()
	return path, items, rows
}

func TestRoundTrip(t *testing.T) {
	path, items, rows := filled(t, 40)
	c, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if !reflect.DeepEqual(c.Items, items) {
		t.Errorf("the items differ: %+v", c.Items[0])
	}
	for i := range items {
		if !reflect.DeepEqual(c.Row(i), rows[i*testDim:(i+1)*testDim]) {
			t.Errorf("row %d is %v", i, c.Row(i))
		}
	}
	m := c.Manifest
	if m.Images != 40 || m.Gone != 13 || m.Generation != 1 || len(c.Live()) != 27 || len(m.Damaged) != 1 || m.Damaged[0].Path != badPath {
		t.Errorf("%+v", m)
	}
}

// A second generation takes rows of the first and of the journal; one that changes nothing is not written.
func TestGenerations(t *testing.T) {
	path, items, rows := filled(t, 5)
	w, known := begun(t, path)
	if changed, err := w.Commit(contents(known...), w.Manifest.Damaged); changed || err != nil {
		t.Fatal(changed, err)
	}
	w.Close()
	w, known = begun(t, path)
	sum := sha256.Sum256([]byte("new"))
	list := added(t, w, []Item{{Path: "a/001 x.png", SHA256: hex.EncodeToString(sum[:])}}, []float32{7, 8, 9})
	changed, err := w.Commit(contents(known[0], list[0], known[3]), nil)
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	w.Close()
	c, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	want := [][]float32{rows[:3], {7, 8, 9}, rows[9:12]}
	for i, row := range want {
		if !reflect.DeepEqual(c.Row(i), row) {
			t.Errorf("row %d is %v, want %v", i, c.Row(i), row)
		}
	}
	if c.Len() != 3 || c.Items[2].Path != items[3].Path || c.Manifest.Generation != 2 {
		t.Errorf("%+v", c.Manifest)
	}
	entries, _ := os.ReadDir(path)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != "items-000002.parquet lock manifest.json vectors-000002.f32" {
		t.Error(got)
	}
}

// Wherever the journal's files end, what is read again is whole images from the first on; what is added after it is found.
func TestJournalCut(t *testing.T) {
	items, rows := testItems(4)
	for cut := 0; cut < 200; cut += 9 {
		path := filepath.Join(t.TempDir(), "c.udml")
		w, _ := begun(t, path)
		if _, err := w.Add(items, rows); err != nil {
			t.Fatal(err)
		}
		w.Close()
		for k, name := range []string{journalFile, vectorsFile} {
			file := filepath.Join(path, pendingDir, name)
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(file, max(0, info.Size()-int64([2]int{7 * cut, cut / 4}[k]))); err != nil {
				t.Fatal(err)
			}
		}
		w, known := begun(t, path)
		for i, k := range known {
			if k.Item != items[i] {
				t.Fatalf("cut %d: item %d is %+v", cut, i, k.Item)
			}
		}
		if _, err := w.Commit(contents(added(t, w, items[3:], rows[9:])...), nil); err != nil {
			t.Fatal(err)
		}
		w.Close()
		c, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(c.Row(0), rows[9:]) {
			t.Fatalf("cut %d: %v", cut, c.Row(0))
		}
		_ = c.Close()
	}
}

// After a power cut a file may have its length and zeros in place of its end.
func TestJournalZeros(t *testing.T) {
	items, rows := testItems(4)
	path := filepath.Join(t.TempDir(), "c.udml")
	w, _ := begun(t, path)
	if _, err := w.Add(items, rows); err != nil {
		t.Fatal(err)
	}
	w.Close()
	f, err := os.OpenFile(filepath.Join(path, pendingDir, vectorsFile), os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteAt(make([]byte, 8), 2*4*testDim+4)
		f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, known := begun(t, path); len(known) != 2 {
		t.Errorf("%d images are known, want the two before the zeros", len(known))
	}
}

// A writer that is killed between its generation and the end of its journal leaves nothing to do.
func TestJournalOfWrittenGeneration(t *testing.T) {
	path, kept := filepath.Join(t.TempDir(), "c.udml"), filepath.Join(t.TempDir(), pendingDir)
	w, _ := begun(t, path)
	items, rows := testItems(5)
	list := added(t, w, items, rows)
	if err := os.CopyFS(kept, os.DirFS(filepath.Join(path, pendingDir))); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(contents(list...), nil); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if err := os.CopyFS(filepath.Join(path, pendingDir), os.DirFS(kept)); err != nil {
		t.Fatal(err)
	}
	w, known := begun(t, path)
	if len(known) != 5 || known[0].place != Kept(0) {
		t.Fatalf("%d images are known, the first at %v", len(known), known[0].place)
	}
	if changed, err := w.Commit(contents(known...), nil); changed || err != nil {
		t.Error(changed, err)
	}
}

func TestOneWriter(t *testing.T) {
	path, _, _ := filled(t, 2)
	w, err := Claim(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := Claim(path); err == nil || !strings.Contains(err.Error(), "is being written by another process") {
		t.Error(err)
	}
	c, err := Open(path) // readers do not wait
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}

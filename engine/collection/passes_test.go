package collection

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// many are n items with paths in byte order, and their rows.
func many(n int, path string) (items []Item, rows []float32) {
	for i := range n {
		sum := sha256.Sum256(fmt.Append(nil, path, i))
		items = append(items, Item{Path: fmt.Sprintf("%s%05d.png", path, i), SHA256: hex.EncodeToString(sum[:]), Size: int64(i)})
		rows = append(rows, float32(len(path)), float32(i), -1)
	}
	return items, rows
}

// A generation takes images from where they are, in whatever order they are there: kept ones, ones that moved, several of them from one
// image, and ones of the journal, of several parts of the old file and several blocks of the journal.
func TestCommitFromAnywhere(t *testing.T) {
	const n, more = rowGroup + 500, 300
	path := filepath.Join(t.TempDir(), "c.udml")
	w, _ := begun(t, path)
	items, rows := many(n, "b")
	if _, err := w.Commit(contents(added(t, w, items, rows)...), nil); err != nil {
		t.Fatal(err)
	}
	w.Close()
	w, _ = begun(t, path)
	fresh, freshRows := many(more, "fresh")
	there := added(t, w, fresh, freshRows)
	var want []Item
	var places []Place
	var wantRows []float32
	take := func(path string, it Item, from Place, row []float32) {
		it.Path = path
		want, places, wantRows = append(want, it), append(places, from), append(wantRows, row...)
	}
	for i := range n {
		at := i * 7919 % n // n and 7919 have no common factor
		take(fmt.Sprintf("a%05d", i), items[at], Moved(at), rows[3*at:3*at+3])
	}
	for i := 0; i < n; i += 3 {
		take(items[i].Path, items[i], Kept(i), rows[3*i:3*i+3])
	}
	for i := range more {
		at := i * 97 % more
		take(fmt.Sprintf("c%05d", i), there[at].Item, there[at].place, freshRows[3*at:3*at+3])
	}
	c := Contents{
		Images: len(want), Describe: func(n int, it *Item) { it.Path = want[n].Path },
		Places: func(yield func(int, Place) bool) {
			for n := 0; n < len(places) && yield(n, places[n]); n++ {
			}
		},
	}
	if changed, err := w.Commit(c, nil); err != nil || !changed {
		t.Fatal(changed, err)
	}
	w.Close()
	opened, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }()
	if !reflect.DeepEqual(opened.Items, want) || !reflect.DeepEqual(opened.vectors, wantRows) {
		t.Error("the generation has other images")
	}
}

// Rows that are not in the order of the file are an error where only the order is expected: they would silently be others.
func TestKeptOutOfOrder(t *testing.T) {
	path, _, _ := filled(t, 5)
	w, known := begun(t, path)
	known[1].place, known[2].place = known[2].place, known[1].place
	if _, err := w.Commit(contents(known...), nil); err == nil {
		t.Error("no error")
	}
}

// Lines are found in any order, also those that were appended after others were read.
func TestLines(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "lines"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l := &lines{f: f}
	text := func(i int) string { return fmt.Sprintf("%0*d\n", 1+i*31%5000, i) }
	for n := range 5 * lineStep {
		if _, err := f.WriteString(text(n)); err != nil {
			t.Fatal(err)
		}
		l.append(len(text(n)))
		for _, i := range []int{n, n / 2, n * 5 / 7, n - n%lineStep, n * 5 / 7} {
			if got, err := l.at(i); err != nil || string(got) != text(i) {
				t.Fatalf("line %d of %d is %q, %v", i, n+1, got, err)
			}
		}
	}
}

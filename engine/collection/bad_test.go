package collection

import (
	"bytes"
	"encoding/json"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/models/disk"
)

// A collection that is not whole is one sentence that says what to do.
func TestDamaged(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(path string, m *Manifest) error
		want string
	}{
		"short vectors": {func(p string, m *Manifest) error {
			return os.Truncate(filepath.Join(p, m.Vectors.Name), 5)
		}, "has 5 bytes, expected 72"},
		"no vectors": {func(p string, m *Manifest) error { return os.Remove(filepath.Join(p, m.Vectors.Name)) }, "cannot be opened"},
		"other items": {func(p string, m *Manifest) error {
			return os.WriteFile(filepath.Join(p, m.Items.Name), []byte("PAR1"), 0o666)
		}, "is not the file that was written"},
		"half a manifest": {func(p string, m *Manifest) error { return os.Truncate(filepath.Join(p, ManifestFile), 100) }, "is damaged"},
		"a count":         {func(p string, m *Manifest) error { m.Images = 7; return m.write(p) }, "do not fit together"},
		"a path":          {func(p string, m *Manifest) error { m.Items.Name = "../x"; return m.write(p) }, "names no file of its folder"},
		"negative":        {func(p string, m *Manifest) error { m.Gone = -1; return m.write(p) }, "a count is negative"},
		"not finished":    {func(p string, m *Manifest) error { m.Generation = 0; return m.write(p) }, "udml-gpu embed --update"},
	} {
		path, _, _ := filled(t, 6)
		m, err := ReadManifest(path)
		if err == nil {
			err = c.do(path, m)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// Items of another program are refused where they break what the rest relies on.
func TestHostileItems(t *testing.T) {
	items, _ := testItems(3)
	for name, change := range map[string]func([]Item){
		"leads out": func(l []Item) { l[0].Path = "../x" }, "absolute": func(l []Item) { l[0].Path = "/x" },
		"twice":   func(l []Item) { l[1].Path = l[0].Path },
		"no path": func(l []Item) { l[0].Path = "" }, "no hash": func(l []Item) { l[2].SHA256 = "" },
	} {
		list := append([]Item{}, items...)
		change(list)
		var b bytes.Buffer
		if err := writeItems(&b, each(padded(list))); err != nil {
			t.Fatal(err)
		}
		if _, err := parseItems(b.Bytes()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// parseItems reads a file of 3 items.
func parseItems(b []byte) ([]Item, error) {
	f, err := parseTable(bytes.NewReader(b), int64(len(b)), 3)
	if err != nil {
		return nil, err
	}
	return itemsOf(f)
}

// each goes through the items.
func each(list []Item) iter.Seq2[*Item, error] {
	return func(yield func(*Item, error) bool) {
		for i := range list {
			if !yield(&list[i], nil) {
				return
			}
		}
	}
}

// padded gives items without a hash an ID of the right length, which writeItems takes from it.
func padded(list []Item) []Item {
	for i := range list {
		if list[i].SHA256 == "" {
			list[i].SHA256 = strings.Repeat("x", 64)
		}
	}
	return list
}

func FuzzItems(f *testing.F) {
	items, _ := testItems(3)
	var b bytes.Buffer
	if err := writeItems(&b, each(items)); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("PAR1"))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = parseItems(b) })
}

func FuzzManifest(f *testing.F) {
	m := Manifest{Format: format, Version: 1, Generation: 1, Images: 1, Dimensions: 1}
	b, err := json.Marshal(m)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseManifest(b)
		if err != nil || m.Generation == 0 {
			return
		}
		if m.Vectors.Size != int64(m.Images)*int64(m.Dimensions)*4 || strings.Contains(m.Items.Name, "/") {
			t.Errorf("%+v", m)
		}
	})
}

// Whatever the journal holds, it is opened, and what it gives can be added to.
func FuzzJournal(f *testing.F) {
	items, _ := testItems(2)
	var b bytes.Buffer
	for _, it := range items {
		if err := json.NewEncoder(&b).Encode(entry{testDim, 0x8c28b28a, 1, it}); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(b.Bytes(), make([]byte, 24))
	f.Fuzz(func(t *testing.T, lines, rows []byte) {
		path := t.TempDir()
		if err := disk.MakeDir(filepath.Join(path, pendingDir)); err != nil {
			t.Fatal(err)
		}
		for name, b := range map[string][]byte{journalFile: lines, vectorsFile: rows} {
			if err := os.WriteFile(filepath.Join(path, pendingDir, name), b, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		j, err := openJournal(path, testDim, 1, func(int, *Item) {})
		if err != nil {
			t.Fatal(err)
		}
		defer j.close()
		if err := j.add(items[:1], []float32{1, 2, 3}); err != nil {
			t.Fatal(err)
		}
	})
}

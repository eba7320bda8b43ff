package convert

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/parquet-go/parquet-go"

	"udml-gpu/engine/collection/collectiontest"
	"udml-gpu/engine/setting"
)

// TestParts: the parts hold the rows of one table in its order, the list has their sizes and checksums, and progress goes on over them.
func TestParts(t *testing.T) {
	dir := t.TempDir()
	c := collectiontest.Make(t, filepath.Join(dir, "c.udml"), 5, collectiontest.Items(700))
	whole, folder := filepath.Join(dir, "whole.parquet"), filepath.Join(dir, "parts")
	if _, err := Run(context.Background(), c.Path, "parquet", whole, Options{}); err != nil {
		t.Fatal(err)
	}
	last := -1
	r, err := Run(context.Background(), c.Path, "parquet", folder, Options{Parts: 3, Progress: func(done, total int) {
		if done <= last || done >= total || total != 700 {
			t.Errorf("%d of %d after %d", done, total, last)
		}
		last = done
	}})
	if err != nil || r.Images != 700 || len(r.Files) != 4 || filepath.Base(r.Files[0]) != partsFile || last < 466 {
		t.Fatalf("%+v, %v", r, err)
	}
	b, err := os.ReadFile(r.Files[0])
	if err != nil {
		t.Fatal(err)
	}
	var list parts
	if err := json.Unmarshal(b, &list); err != nil || list.Images != 700 || list.Dimensions != 5 || len(list.Parts) != 3 {
		t.Fatalf("%s, %v", b, err)
	}
	want, err := parquet.ReadFile[tableRow](whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list.Parts {
		b, err := os.ReadFile(filepath.Join(folder, p.Name))
		sum := sha256.Sum256(b)
		if err != nil || int64(len(b)) != p.Bytes || hex.EncodeToString(sum[:]) != p.SHA256 {
			t.Errorf("%s has other content than the list says (%v)", p.Name, err)
		}
		rows, err := parquet.ReadFile[tableRow](filepath.Join(folder, p.Name))
		if err != nil || len(rows) != p.Images {
			t.Fatalf("%s: %d rows, %v", p.Name, len(rows), err)
		}
		for i, row := range rows {
			if w := want[p.First+i]; row.Path != w.Path || *row.Embedding[4] != *w.Embedding[4] {
				t.Fatalf("%s: row %d is %s, want %s", p.Name, i, row.Path, w.Path)
			}
		}
	}
}

// TestPartsThatDoNotFit: parts of other formats, and more parts than images, are refused.
func TestPartsThatDoNotFit(t *testing.T) {
	dir := t.TempDir()
	c := collectiontest.Make(t, filepath.Join(dir, "c.udml"), 5, collectiontest.Items(4))
	for format, n := range map[string]int{"npy": 2, "parquet": 5} {
		var usage *setting.UsageError
		if _, err := Run(context.Background(), c.Path, format, filepath.Join(dir, "out"), Options{Parts: n}); !errors.As(err, &usage) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

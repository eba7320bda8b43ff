package collectiontest

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"path/filepath"
	"testing"

	"udml-gpu/engine/collection"
)

// Of is an opened collection at a temporary path with these items and rows [len(items),D], which are scaled to length 1. Items need a
// path; those without a SHA-256 get that of their path.
func Of(t testing.TB, items []collection.Item, rows []float32) *collection.Collection {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made"+collection.Extension)
	w, err := collection.Claim(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	dim := len(rows) / len(items)
	for i := range items {
		if items[i].SHA256 == "" {
			sum := sha256.Sum256([]byte(items[i].Path))
			items[i].SHA256 = hex.EncodeToString(sum[:])
		}
		scale(rows[i*dim : (i+1)*dim])
	}
	if err := w.Start(collection.Manifest{Dimensions: dim}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Begin(); err != nil {
		t.Fatal(err)
	}
	list, err := w.Add(items, rows)
	if err == nil {
		_, err = w.Commit(list, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	c, err := collection.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func scale(row []float32) {
	sum := 0.0
	for _, v := range row {
		sum += float64(v) * float64(v)
	}
	for i := range row {
		row[i] = float32(float64(row[i]) / math.Sqrt(sum))
	}
}

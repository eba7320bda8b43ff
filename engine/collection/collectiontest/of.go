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
	return OfType(t, "", false, items, rows)
}

// OfType is Of with vectors of that Manifest.Type and, with halves, their float16 copies beside them.
func OfType(t testing.TB, kind string, halves bool, items []collection.Item, rows []float32) *collection.Collection {
	t.Helper()
	dim := len(rows) / len(items)
	for i := range items {
		if items[i].SHA256 == "" {
			sum := sha256.Sum256([]byte(items[i].Path))
			items[i].SHA256 = hex.EncodeToString(sum[:])
		}
		scale(rows[i*dim : (i+1)*dim])
	}
	path := filepath.Join(t.TempDir(), "made"+collection.Extension)
	return write(t, path, collection.Manifest{Dimensions: dim, Type: kind}, halves, items, rows)
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

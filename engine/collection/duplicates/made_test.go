package duplicates

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/collectiontest"
	"udml-gpu/kernels/rng"
)

// makeCollection writes a collection of n random unit rows of dim columns around centres, some of them shifted copies of the row before.
func makeCollection(t testing.TB, path string, n, dim int, change func(i int, it *collection.Item, row []float32)) *collection.Collection {
	t.Helper()
	items, rows := make([]collection.Item, n), make([]float32, n*dim)
	for i := range items {
		row := rows[i*dim : (i+1)*dim]
		items[i] = madeItem(i)
		madeRow(row, i)
		if change != nil {
			change(i, &items[i], row)
		}
		unitRow(row)
	}
	source := collection.Source{Data: "gone", Absolute: "/gone", Split: "all"}
	return collectiontest.Write(t, path, collection.Manifest{Dimensions: dim, Source: source}, items, rows)
}

func madeItem(i int) collection.Item {
	sum := sha256.Sum256([]byte(fmt.Sprint(i)))
	w := rng.Key{Op: rng.OpBench, Sample: uint32(i)}.At(1 << 20)
	return collection.Item{
		Path: fmt.Sprintf("%03d/%07d.jpg", i/1000, i), SHA256: hex.EncodeToString(sum[:]), Size: int64(1000 + w[2]%1000),
		Width: 100, Height: 80, Format: "JPEG", Look: collection.Look{PHash: uint64(w[0])<<32 | uint64(w[1])},
	}
}

// madeRow is a point near one of 1000 centres.
func madeRow(row []float32, i int) {
	centre := rng.Key{Op: rng.OpBench, Sample: uint32(i % 1000), View: 1}
	own := rng.Key{Op: rng.OpBench, Sample: uint32(i), View: 2}
	for d := range row {
		row[d] = rng.Uniform(centre.At(uint32(d))[0]) + rng.Uniform(own.At(uint32(d))[0]) - 1
	}
}

func unitRow(row []float32) {
	sum := 0.0
	for _, v := range row {
		sum += float64(v) * float64(v)
	}
	for d := range row {
		row[d] = float32(float64(row[d]) / math.Sqrt(sum))
	}
}

// options are the usual ones.
func options(t testing.TB) Options {
	order, err := ParseOrder(DefaultOrder())
	if err != nil {
		t.Fatal(err)
	}
	return Options{HashBits: -1, Match: DefaultMatch, Keep: order, Model: true}
}

// BenchmarkFind is the search in 100,000 rows of 128 columns; every hundredth is a near copy. With UDML_LARGE=FOLDER the collection is made
// there, and left.
func BenchmarkFind(b *testing.B) {
	path := filepath.Join(b.TempDir(), "large.udml")
	if folder := os.Getenv("UDML_LARGE"); folder != "" {
		path = filepath.Join(folder, "large.udml")
	}
	var before []float32
	var hash uint64
	c := makeCollection(b, path, 100_000, 128, func(i int, it *collection.Item, row []float32) {
		if i%100 == 1 {
			for d := range row {
				row[d] = 0.02*row[d] + before[d]
			}
			it.Look.PHash = hash ^ 5
		}
		before, hash = append(before[:0], row...), it.Look.PHash
	})
	for b.Loop() {
		r, err := Find(context.Background(), c, nil, options(b))
		if err != nil {
			b.Fatal(err)
		}
		if r.Counts.Groups[Near] != 1000 {
			b.Errorf("%d groups, want 1000", r.Counts.Groups[Near])
		}
	}
}

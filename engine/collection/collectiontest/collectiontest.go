// Package collectiontest makes collections for tests, without images and without a network.
package collectiontest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/collection"
	"udml-gpu/kernels/rng"
)

// Model is the hash of the network that the collections of Make claim to have.
var Model = strings.Repeat("ab", 32)

// Items are n items with classes and splits, some of them without; names[i], where there are such, are the paths of the first ones.
func Items(n int, names ...string) []collection.Item {
	list := make([]collection.Item, n)
	for i := range list {
		path := fmt.Sprintf("class%d/%05d.jpg", i%7, i)
		if i < len(names) {
			path = names[i]
		}
		sum := sha256.Sum256([]byte(path))
		it := collection.Item{
			Path: path, SHA256: hex.EncodeToString(sum[:]), Size: int64(1000 + i), Mark: int64(i), Width: 640, Height: int32(480 + i%3),
			Format: "JPEG", Look: collection.Look{PHash: uint64(i) << 60, Brightness: 0.5, Contrast: 0.25, Sharpness: 0.125, Entropy: 7},
		}
		if i%5 != 0 {
			it.Label = fmt.Sprintf("class %d", i%7)
		}
		if i%2 == 0 {
			it.Split, it.Taken = "train", "2024-05-06T07:08:09"
		}
		list[i] = it
	}
	slices.SortFunc(list, func(a, b collection.Item) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// Row is a unit vector [dim] that depends on the seed alone.
func Row(seed uint64, dim int) []float32 {
	row := make([]float32, dim)
	key := rng.Key{Seed: seed, Op: rng.OpBench}
	norm := 0.0
	for k := range row {
		v := float64(key.At(uint32(k))[0])/(1<<31) - 1
		row[k] = float32(v)
		norm += v * v
	}
	for k := range row {
		row[k] = float32(float64(row[k]) / math.Sqrt(norm))
	}
	return row
}

// Make writes a collection of the items at path, in byte order of their paths, with a Row for each by its path, and opens it. Made again,
// it has the next generation.
func Make(t testing.TB, path string, dim int, items []collection.Item) *collection.Collection {
	t.Helper()
	var rows []float32
	for i := range items {
		sum := sha256.Sum256([]byte(items[i].Path))
		rows = append(rows, Row(uint64(sum[0])|uint64(sum[1])<<8|uint64(sum[2])<<16, dim)...)
	}
	return Write(t, path, collection.Manifest{
		Dimensions: dim, WrittenBy: "udml-gpu test",
		Source: collection.Source{Data: "photos", Absolute: filepath.Join(filepath.Dir(path), "photos"), Relative: "photos", Split: "all"},
		Model:  collection.Model{Hash: Model, Backbone: "conv4", Layer: "embedding", Pool: "mean", Pipeline: `{"size":16}`, Licence: "mit"},
	}, items, rows)
}

// Write makes the items with their rows the next generation of the collection at path, and opens it.
func Write(t testing.TB, path string, m collection.Manifest, items []collection.Item, rows []float32) *collection.Collection {
	t.Helper()
	return write(t, path, m, false, items, rows)
}

func write(t testing.TB, path string, m collection.Manifest, halves bool, items []collection.Item, rows []float32) *collection.Collection {
	t.Helper()
	w, err := collection.Claim(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if halves {
		w.HalvesFrom = 0
	}
	if w.Manifest == nil {
		err = w.Start(m)
	}
	if err == nil {
		_, err = w.Begin(func(collection.Place, *collection.Item) {})
	}
	if err != nil {
		t.Fatal(err)
	}
	first, err := w.Add(items, rows)
	if err == nil {
		_, err = w.Commit(collection.Contents{
			Images: len(items), Describe: func(int, *collection.Item) {},
			Places: func(yield func(int, collection.Place) bool) {
				for i := 0; i < len(items) && yield(i, collection.Added(first+i)); i++ {
				}
			},
		}, nil)
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

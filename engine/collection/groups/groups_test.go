package groups

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/collectiontest"
	"udml-gpu/engine/images"
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

// blobs are n images around k far directions of 16 columns, by turns, in folders named after them.
func blobs(t testing.TB, n, k int) *collection.Collection {
	items, rows := make([]collection.Item, n), make([]float32, 0, n*16)
	words := []string{"cat", "dog", "fish", "bird", "tree", "car", "boat", "house", "shoe", "lamp", "chair", "apple"}
	for i := range items {
		b := i % k
		items[i] = collection.Item{Path: fmt.Sprintf("%s/%05d.png", words[b], i), Label: words[b]}
	}
	sorted := make([]collection.Item, 0, n)
	for b := range k { // a collection is in the order of its paths
		for _, w := range sortedNames(words[:k])[b : b+1] {
			for _, it := range items {
				if it.Label == w {
					sorted = append(sorted, it)
				}
			}
		}
	}
	for i, it := range sorted {
		for d := range 16 {
			v := rng.Key{Sample: uint32(i), Op: rng.OpBench}.At(uint32(d))
			x := float32(0.35 * (float64(v[0])/(1<<31) - 1))
			for b, w := range words {
				if w == it.Label && d == b {
					x++
				}
			}
			rows = append(rows, x)
		}
	}
	return collectiontest.Of(t, sorted, rows)
}

func sortedNames(words []string) []string {
	in := map[string]int{}
	for _, w := range words {
		in[w] = 0
	}
	return sortedWords(in)
}

func find(t *testing.T, c *collection.Collection, q Request) *Result {
	t.Helper()
	dev := kernels.CPU()
	defer dev.Close()
	r, err := Find(context.Background(), dev, c, q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Each method finds groups that lie apart, their number, and names from their folders.
func TestFindsBlobs(t *testing.T) {
	c := blobs(t, 360, 9)
	for _, q := range []Request{
		{Method: "kmeans", K: 9},
		{Method: "kmeans"},
		{Method: "hierarchical", K: 9},
		{Method: "hierarchical"},
		{Method: "density", MinSize: 5},
	} {
		r := find(t, c, q)
		if r.K != 9 || r.NMI == nil || !(*r.NMI > 0.999) || r.Noise > 10 || r.Noise > 0 && q.Method != "density" {
			t.Errorf("%s, k %d: %d groups, %d in none", q.Method, q.K, r.K, r.Noise)
			continue
		}
		if want := []string{"bird", "boat", "car", "cat", "dog", "fish", "house", "shoe", "tree"}; !reflect.DeepEqual(r.Names, want) {
			t.Errorf("%s: %v", q.Method, r.Names)
		}
		if r.Sizes[0] < 38 || len(r.Medoids) != 9 || !(r.Silhouette > 0.3) {
			t.Errorf("%s: %v %v %v", q.Method, r.Sizes, r.Medoids, r.Silhouette)
		}
	}
}

// A sample gives the groups of all images where they lie apart.
func TestMeansOfSample(t *testing.T) {
	c := blobs(t, fewRows+8, 4)
	dev := kernels.CPU()
	defer dev.Close()
	of := means(c.Rows(dev, 0, c.Len()), 4, 1, func() bool { return false })
	for i, g := range of {
		if g != of[(i/(c.Len()/4))*(c.Len()/4)] {
			t.Fatalf("image %d is in group %d", i, g)
		}
	}
}

// Bursts of photos of one scene, which lie far closer together than the groups do, are no groups, though their silhouette is larger.
func TestBurstsAreNoGroups(t *testing.T) {
	const kinds, scenes, burst, dim = 6, 12, 5, 16
	items, rows := make([]collection.Item, kinds*scenes*burst), []float32{}
	for i := range items {
		items[i] = collection.Item{Path: fmt.Sprintf("%05d.png", i)}
		for d := range dim {
			scene := rng.Key{Sample: uint32(i / burst), Op: rng.OpBench, View: 1}.At(uint32(d))
			own := rng.Key{Sample: uint32(i), Op: rng.OpBench, View: 2}.At(uint32(d))
			v := rng.Between(scene[0], -0.3, 0.3) + rng.Between(own[0], -0.02, 0.02)
			if d == i/burst/scenes {
				v++
			}
			rows = append(rows, float32(v))
		}
	}
	r := find(t, collectiontest.Of(t, items, rows), Request{Method: "kmeans"})
	plain := slices.MaxFunc(r.Tried, func(a, b Trial) int { return cmp.Compare(a.Silhouette, b.Silhouette) })
	if r.K != kinds || !(plain.K > 2*kinds) {
		t.Errorf("%d groups, and %d by the silhouette alone: %+v", r.K, plain.K, r.Tried)
	}
}

func TestFindIsRepeatable(t *testing.T) {
	c := blobs(t, 200, 7)
	for _, m := range Methods {
		q := Request{Method: m, MinSize: 4, Seed: 3}
		if a, b := find(t, c, q), find(t, c, q); !reflect.DeepEqual(a, b) {
			t.Errorf("%s: two runs differ", m)
		}
	}
}

// Few images, and more groups than can be, are no trouble.
func TestFewImages(t *testing.T) {
	for n := 1; n < 8; n++ {
		c := blobs(t, n, n)
		for _, q := range []Request{
			{Method: "kmeans"},
			{Method: "kmeans", K: n},
			{Method: "hierarchical"},
			{Method: "hierarchical", K: n},
			{Method: "density", MinSize: 2},
		} {
			r := find(t, c, q)
			if q.K > 0 && r.K != n || len(r.Of) != n || math.IsNaN(r.Silhouette) {
				t.Errorf("%d images, %v: %+v", n, q, r)
			}
		}
	}
	dev := kernels.CPU()
	defer dev.Close()
	if _, err := Find(context.Background(), dev, blobs(t, 3, 3), Request{Method: "kmeans", K: 4}); err == nil {
		t.Error("4 groups of 3 images are no error")
	}
}

func TestNames(t *testing.T) {
	for path, want := range map[string][]string{
		"2024/Summer_in-Rome/a.jpg": {"in", "rome", "summer"}, "a.jpg": {}, "x/12/3.png": {}, "b/b/bb/c.png": {"bb"},
	} {
		if got := folderWords(path); len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

// The progress of choosing and grouping never falls within a piece of work, and each ends whole.
func TestProgress(t *testing.T) {
	c, dev := blobs(t, 400, 4), kernels.CPU()
	at, total := map[string]int{}, map[string]int{}
	ui := images.UI{Work: func(what string, done, of int) {
		if done < at[what] || done > of {
			t.Errorf("%s: %d of %d after %d", what, done, of, at[what])
		}
		at[what], total[what] = done, of
	}}
	if _, err := Find(context.Background(), dev, c, Request{Method: "kmeans", UI: ui}); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"choosing the number of groups", "grouping"} {
		if total[what] == 0 || at[what] != total[what] {
			t.Errorf("%s ended at %d of %d", what, at[what], total[what])
		}
	}
}

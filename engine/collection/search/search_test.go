package search

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/collectiontest"
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

// random are n items and rows of dim columns from the generator, in the folders a, b and c by turns.
func random(n, dim int) ([]collection.Item, []float32) {
	items, rows := make([]collection.Item, n), make([]float32, 0, n*dim)
	for i := range items {
		folder := string(rune('a' + 3*i/n))
		items[i] = collection.Item{
			Path: fmt.Sprintf("%s/%06d.png", folder, i), Label: folder, Split: []string{"test", "train"}[i%2], Gone: i%97 == 5,
		}
		for d := range dim {
			v := rng.Key{Sample: uint32(i), Op: rng.OpBench}.At(uint32(d))
			rows = append(rows, float32(v[0])/(1<<31)-1)
		}
	}
	return items, rows
}

var kinds = []struct {
	name, of string
	halves   bool
}{{"float32", "", false}, {"copies", "", true}, {"float16", collection.Float16, false}}

// Nearest equals sorting all products, in blocks and across their borders, whatever part of the collection is allowed.
func TestNearestIsExact(t *testing.T) {
	dev := kernels.CPU()
	defer dev.Close()
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			items, rows := random(2*blockRows+301, 12)
			c := collectiontest.OfType(t, kind.of, kind.halves, items, rows)
			if c.HasHalves() != (kind.halves || kind.of != "") {
				t.Fatal("float16 rows are there, or missing")
			}
			wantExact(t, dev, c)
		})
	}
}

func wantExact(t *testing.T, dev *kernels.Device, c *collection.Collection) {
	for name, f := range map[string]Filter{
		"all": {}, "one folder": {Labels: []string{"b"}}, "split": {Splits: []string{"train"}}, "glob": {Globs: []string{"c/*7.png"}},
	} {
		allowed, err := f.Allowed(c)
		if err != nil {
			t.Fatal(err)
		}
		query := c.Row(blockRows - 1)
		want := make([]Hit, 0, len(allowed))
		for _, i := range allowed {
			if c.Items[i].Gone {
				t.Fatalf("%s: item %d is gone", name, i)
			}
			want = append(want, Hit{i, float32(dot(query, c.Row(i)))})
		}
		slices.SortStableFunc(want, byScore)
		got := Nearest(dev, c, query, allowed, 25)
		for j, h := range got {
			if !(math.Abs(float64(h.Score-want[j].Score)) <= 12*0x1p-24) { // 12 products and sums, each rounded once
				t.Errorf("%s: hit %d is %v, want %v", name, j, h, want[j])
			}
			if j > 0 && byScore(got[j-1], h) >= 0 {
				t.Errorf("%s: hits %d and %d are out of order", name, j-1, j)
			}
		}
		if len(got) != 25 {
			t.Errorf("%s: %d hits", name, len(got))
		}
	}
	if got := Nearest(dev, c, c.Row(0), []int{7}, 25); len(got) != 1 || got[0].Item != 7 {
		t.Errorf("of one item: %v", got)
	}
}

func TestSum(t *testing.T) {
	x, y := []float32{1, 0}, []float32{0, 1}
	got, root := Sum([]Example{{x, 2}, {y, -1}}), math.Sqrt(5)
	if !(math.Abs(float64(got[0])-2/root) <= 1e-7 && math.Abs(float64(got[1])+1/root) <= 1e-7) {
		t.Error(got)
	}
	if got := Sum([]Example{{x, 1}, {x, -1}}); got != nil {
		t.Error(got)
	}
}

// The example of the paper's sum: two hits, of which one points away.
func TestExpand(t *testing.T) {
	c := collectiontest.Of(t, []collection.Item{{Path: "a"}, {Path: "b"}}, []float32{0.6, 0.8, -1, 0})
	got := Expand(c, []float32{1, 0}, []Hit{{0, 0.6}, {1, -1}})
	w := 0.6 * 0.6 * 0.6
	x, y := 1+w*0.6, w*0.8
	if n := math.Hypot(x, y); math.Abs(float64(got[0])-x/n) > 1e-6 || math.Abs(float64(got[1])-y/n) > 1e-6 {
		t.Errorf("%v, want %v %v", got, x/n, y/n)
	}
}

// The scores are those of the published program (scripts/goldens_rerank.py).
func TestRerankGolden(t *testing.T) {
	const n, dim = 61, 8
	items, rows := make([]collection.Item, n), make([]float32, 0, n*dim)
	for i := range n {
		items[i].Path = fmt.Sprintf("%02d", i)
		for d := range dim {
			v := math.Sin(float64(3*(i%9)*(d+1))) + 0.6*math.Sin(1.7*float64(i*(d+1))+0.3*float64(d))
			rows = append(rows, float32(v))
		}
	}
	c := collectiontest.Of(t, items, rows)
	b, err := os.ReadFile("testdata/rerank.json")
	if err != nil {
		t.Fatal(err)
	}
	var want []float64
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	var hits []Hit
	for i := 1; i < n; i++ {
		hits = append(hits, Hit{Item: i})
	}
	got := Rerank(c, c.Row(0), hits)
	if len(got) != len(want) {
		t.Fatalf("%d scores, want %d", len(got), len(want))
	}
	for j, h := range got {
		// Rows rounded to float32 in another order of operations move a cosine by some 1e-7.
		if !(math.Abs(float64(h.Score)-want[h.Item-1]) <= 2e-6) {
			t.Errorf("item %d: %v, want %v", h.Item, h.Score, want[h.Item-1])
		}
		if j > 0 && h.Score > got[j-1].Score {
			t.Errorf("hit %d is out of order", j)
		}
	}
}

// BenchmarkNearest searches UDML_BENCH_IMAGES images of 128 dimensions, 100,000 unless it is set, by their float32 rows, by these and
// float16 copies, and by float16 rows.
func BenchmarkNearest(b *testing.B) {
	dev := kernels.CPU()
	defer dev.Close()
	n, err := strconv.Atoi(cmp.Or(os.Getenv("UDML_BENCH_IMAGES"), "100000"))
	if err != nil {
		b.Fatal(err)
	}
	items, rows := random(n, 128)
	for _, kind := range kinds {
		c := collectiontest.OfType(b, kind.of, kind.halves, items, rows)
		allowed := c.Live()
		b.Run(kind.name, func(b *testing.B) {
			for b.Loop() {
				Nearest(dev, c, c.Row(1), allowed, 10)
			}
		})
	}
}

// Where more rows than are looked at again score alike to float16, the second pass looks at more of them, or at all.
func TestSecondPassIsDeepEnough(t *testing.T) {
	dev := kernels.CPU()
	defer dev.Close()
	for _, alike := range []int{300, 3000} {
		items, rows := random(4000, 16)
		query := slices.Clone(rows[:16])
		for i := range alike { // the later, the nearer to the query, by less than float16 can tell
			for d := range 16 {
				rows[(3999-i)*16+d] = query[d] * (1 + float32(d%2)*float32(i+1)*1e-7)
			}
		}
		c := collectiontest.OfType(t, "", true, items, rows)
		query = slices.Clone(c.Row(3999))
		s := scan{dev: dev, c: c, query: query}
		exact, got := s.best(c.Live(), 20, s.inRows), Nearest(dev, c, query, c.Live(), 20)
		if !slices.Equal(got, exact) {
			t.Errorf("%d alike: %v, want %v", alike, got, exact)
		}
	}
}

// TestProgress: each block of rows is counted once, whichever core searches it, and the hits are those without.
func TestProgress(t *testing.T) {
	items, rows := random(3*blockRows, 4)
	c := collectiontest.Of(t, items, rows)
	dev := kernels.CPU()
	defer dev.Close()
	var told []int
	q := Request{K: 5, Progress: func(done, total int) { told = append(told, done, total) }}
	hits := q.search(dev, c, rows[:4], c.Live())
	if !slices.Equal(told, []int{1, 3, 2, 3, 3, 3}) {
		t.Errorf("told %v", told)
	}
	if want := Nearest(dev, c, rows[:4], c.Live(), 5); !slices.Equal(hits, want) || len(hits) != 5 {
		t.Errorf("%v, want %v", hits, want)
	}
}

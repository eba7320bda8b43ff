package duplicates

import (
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"udml-gpu/engine/collection"
	"udml-gpu/kernels/rng"
)

func pairOf(a, b int32, s float64) pair { return pair{a: a, b: b, similarity: s, match: unmatched} }

// TestLinked: groups are complete: a chain does not join its ends, and the most similar pairs come first.
func TestLinked(t *testing.T) {
	for name, c := range map[string]struct {
		pairs []pair
		want  [][]int
	}{
		"none":     {nil, nil},
		"pair":     {[]pair{pairOf(3, 5, 0.9)}, [][]int{{3, 5}}},
		"chain":    {[]pair{pairOf(1, 2, 0.95), pairOf(0, 1, 0.9)}, [][]int{{1, 2}}},
		"triangle": {[]pair{pairOf(0, 1, 0.95), pairOf(1, 2, 0.9), pairOf(0, 2, 0.85)}, [][]int{{0, 1, 2}}},
		"two pairs with a bridge": {
			[]pair{pairOf(0, 1, 0.99), pairOf(2, 3, 0.98), pairOf(1, 2, 0.97)}, [][]int{{0, 1}, {2, 3}},
		},
		"four, all": {
			[]pair{pairOf(0, 2, 0.99), pairOf(1, 3, 0.98), pairOf(0, 1, 0.97), pairOf(0, 3, 0.96), pairOf(1, 2, 0.95), pairOf(2, 3, 0.94)},
			[][]int{{0, 1, 2, 3}},
		},
		"four, one missing": {
			[]pair{pairOf(0, 2, 0.99), pairOf(1, 3, 0.98), pairOf(0, 1, 0.97), pairOf(0, 3, 0.96), pairOf(1, 2, 0.95)},
			[][]int{{0, 2}, {1, 3}},
		},
	} {
		if got := linked(c.pairs); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestBestKeepsTheSame: which pairs are kept does not depend on the order in which they come.
func TestBestKeepsTheSame(t *testing.T) {
	var pairs []pair
	for i := range int32(100) {
		pairs = append(pairs, pairOf(i, i+1, float64(i%10)/10))
	}
	var want []pair
	for seed := range uint64(5) {
		b := newBest(17)
		for _, k := range (rng.Key{Seed: seed, Op: rng.OpBench}).Permutation(len(pairs)) {
			b.add([]pair{pairs[k]})
		}
		got := b.pairs()
		if last := got[16].similarity; b.below(last) || !b.below(last-0.01) {
			t.Errorf("seed %d: the least similarity is not %v", seed, last)
		}
		if want == nil {
			want = slices.Clone(got)
		}
		if !b.cut || len(got) != 17 || got[0].similarity != 0.9 || !reflect.DeepEqual(got, want) {
			t.Errorf("seed %d: cut %v, %v", seed, b.cut, got)
		}
	}
}

// TestSearchIsExact: every pair of the listed items that reaches the floor is found, whatever the number of rows, beside gaps in the list.
func TestSearchIsExact(t *testing.T) {
	for _, n := range []int{1, 2, blockRows + 1, blockCols + blockRows + 3} {
		c := makeCollection(t, filepath.Join(t.TempDir(), "c.udml"), n, 8, func(_ int, it *collection.Item, _ []float32) {
			it.Look.PHash &= 0xffff
		})
		f := &finder{c: c}
		var list []int
		for i := range n {
			if i%7 != 3 {
				list = append(list, i)
			}
		}
		const floor, hashBits = 0.8, 7
		got := map[[2]int32]float64{}
		pairs, cut := f.search(list, floor, hashBits)
		for _, p := range pairs {
			got[[2]int32{p.a, p.b}] = p.similarity
		}
		want := 0
		for k, a := range list {
			for _, b := range list[k+1:] {
				s := bruteCosine(c, a, b)
				if s < floor || hashDistance(&c.Items[a], &c.Items[b]) > hashBits {
					continue
				}
				want++
				if v, ok := got[[2]int32{int32(a), int32(b)}]; !ok || !(math.Abs(v-s) < 1e-6) {
					t.Fatalf("%d rows: pair %d, %d with %v: found %v, %v", n, a, b, s, v, ok)
				}
			}
		}
		if len(pairs) != want || cut || n > blockRows && want == 0 {
			t.Errorf("%d rows: %d pairs, cut %v, want %d", n, len(pairs), cut, want)
		}
		if !slices.IsSortedFunc(pairs, byBest) {
			t.Errorf("%d rows: the pairs are not in order", n)
		}
	}
}

func bruteCosine(c *collection.Collection, a, b int) float64 {
	sum := 0.0
	for d, v := range c.Row(a) {
		sum += float64(v) * float64(c.Row(b)[d])
	}
	return sum
}

func ExampleOrder() {
	items := []collection.Item{
		{Path: "large.jpg", Width: 40, Height: 30, Format: "JPEG", Size: 900},
		{Path: "lossless.png", Width: 40, Height: 30, Format: "PNG", Size: 800},
		{Path: "small.png", Width: 20, Height: 10, Format: "PNG", Size: 2000},
	}
	for _, text := range []string{DefaultOrder(), "bytes,path"} {
		order, _ := ParseOrder(text)
		best, why := order.best(items, []int{0, 1, 2})
		fmt.Println(items[best].Path, why)
	}
	// Output:
	// lossless.png format
	// small.png bytes
}

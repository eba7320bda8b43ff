package groups

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/collectiontest"
	"udml-gpu/engine/collection/neighbours"
	"udml-gpu/engine/eval"
	"udml-gpu/kernels"
)

// golden is what scripts/goldens_groups.py has written: 210 rows of 6 columns and scikit-learn's groups of them.
type golden struct {
	Rows       []float32
	Average    map[int][]int32
	Density    map[int][]int32
	Silhouette map[int]float64
}

func readGolden(t *testing.T) (g golden, c *collection.Collection, graph *neighbours.Graph, x *kernels.Array) {
	t.Helper()
	b, err := os.ReadFile("testdata/groups.json")
	if err == nil {
		err = json.Unmarshal(b, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	items := make([]collection.Item, 210)
	for i := range items {
		items[i].Path = fmt.Sprintf("%03d.png", i)
	}
	c = collectiontest.Of(t, items, g.Rows)
	dev := kernels.CPU()
	t.Cleanup(dev.Close)
	graph = neighbours.Find(dev, c, c.Live(), 209, nil, func() bool { return false })
	return g, c, graph, c.Rows(dev, 0, 210)
}

// same tells whether two groupings are one but for their numbers; -1 must be the same images.
func same(a, b []int32) bool {
	for i := range a {
		if (a[i] < 0) != (b[i] < 0) {
			return false
		}
	}
	return eval.ARI(up(a), up(b)) == 1
}

// up gives images in no group a number of their own.
func up(of []int32) []int32 {
	list := make([]int32, len(of))
	for i, g := range of {
		list[i] = g + 1
	}
	return list
}

func TestAverageLinkageGolden(t *testing.T) {
	g, _, graph, x := readGolden(t)
	m := agglomerate(x, graph, func() bool { return false }, func(int, int) {})
	for k, want := range g.Average {
		if !same(m.cut(k), want) {
			t.Errorf("%d groups: %v, want %v", k, m.cut(k), want)
		}
	}
}

// Mutual reachability is the same for many pairs (the core distance of one of them), and which of them come first decides where a few
// images at the rim belong: with its rows in another order scikit-learn differs from itself in 4 of 90 cases. So a few may differ;
// groups of 5 are equal here.
func TestDensityGolden(t *testing.T) {
	g, _, graph, _ := readGolden(t)
	for size, want := range g.Density {
		got, apart := density(graph, size), 0
		for i := range got {
			if (got[i] < 0) != (want[i] < 0) {
				apart++
			}
		}
		if ari := eval.ARI(up(got), up(want)); !(ari > 0.98) || apart > 3 || size == 5 && !same(got, want) {
			t.Errorf("groups of %d: ARI %v, %d images in a group of one alone", size, ari, apart)
		}
	}
}

func TestSilhouetteGolden(t *testing.T) {
	g, _, _, x := readGolden(t)
	for k, want := range g.Silhouette {
		// Distances in float32 from products err by 1e-6 at most here.
		if got, _ := silhouette(x, g.Average[k], k); !(math.Abs(got-want) <= 1e-5) {
			t.Errorf("%d groups: %v, want %v", k, got, want)
		}
	}
}

// With links between neighbours alone, groups are still joined down to one, and every cut has the number that was asked for.
func TestCutsOfASparseGraph(t *testing.T) {
	_, c, _, x := readGolden(t)
	dev := kernels.CPU()
	defer dev.Close()
	graph := neighbours.Find(dev, c, c.Live(), 2, nil, func() bool { return false })
	m := agglomerate(x, graph, func() bool { return false }, func(int, int) {})
	for k := 1; k <= 210; k++ {
		seen := map[int32]bool{}
		for _, g := range m.cut(k) {
			seen[g] = true
		}
		if len(seen) != k {
			t.Fatalf("%d groups, want %d", len(seen), k)
		}
	}
}

package eval

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"udml-gpu/kernels/rng"
)

// clusteringGoldens are testdata/clustering.json (scripts/goldens_clustering.py).
type clusteringGoldens struct {
	Cases       []clusteringCase `json:"cases"`
	Percentiles struct {
		Values []float64 `json:"values"`
		Interval
	} `json:"percentiles"`
}

func readClusteringGoldens(t *testing.T) (g clusteringGoldens) {
	t.Helper()
	b, err := os.ReadFile("../../testdata/clustering.json")
	if err == nil {
		err = json.Unmarshal(b, &g)
	}
	if err != nil || len(g.Cases) < 10 || len(g.Percentiles.Values) != Draws {
		t.Fatalf("goldens: %v, %d cases, %d values", err, len(g.Cases), len(g.Percentiles.Values))
	}
	return g
}

// TestExpectedMutualIsTheMean: over all orders of the images of one labelling, as its definition says.
func TestExpectedMutualIsTheMean(t *testing.T) {
	for _, c := range [][2][]int32{
		{{0, 0, 0, 1, 1, 2, 2}, {0, 0, 0, 0, 1, 1, 2}}, {{0, 1, 2, 3, 4, 5, 5}, {0, 0, 0, 0, 0, 0, 1}}, {{0, 0, 0, 1}, {0, 1, 1, 1}},
	} {
		n, sum := 0, 0.0
		orders(slices.Clone(c[1]), 0, func(found []int32) {
			n++
			sum += contingencyOf(c[0], found).mutual()
		})
		table := contingencyOf(c[0], c[1])
		if got := expectedMutual(table.truth, table.found, table.images); !near(got, sum/float64(n), 1e-12) {
			t.Errorf("%v: %.15g, the mean of %d orders is %.15g", c, got, n, sum/float64(n))
		}
	}
}

// orders calls do with each order of the elements of list from that place on.
func orders(list []int32, from int, do func([]int32)) {
	if from == len(list) {
		do(list)
		return
	}
	for i := from; i < len(list); i++ {
		list[from], list[i] = list[i], list[from]
		orders(list, from+1, do)
		list[from], list[i] = list[i], list[from]
	}
}

// Of thousands of classes of a few images, as in Stanford Online Products, the expectation takes milliseconds, and AMI is near 0 for
// labellings that have nothing to do with each other, where NMI is above 0.7.
func BenchmarkAMI(b *testing.B) {
	truth, found := make([]int32, 60502), make([]int32, 60502)
	for i := range truth {
		words := rng.Key{Op: rng.OpBench}.At(uint32(i))
		truth[i], found[i] = int32(rng.Below(words[0], 11316)), int32(rng.Below(words[1], 11316))
	}
	for b.Loop() {
		if v := AMI(truth, found); !(math.Abs(v) < 0.02) {
			b.Fatalf("AMI %g", v)
		}
	}
}

package layout

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"udml-gpu/engine/collection/neighbours"
	"udml-gpu/kernels"
)

// golden is what scripts/goldens_layout.py has written.
type golden struct {
	K      int
	To     []int32
	Score  []float32
	Edges  [][3]float64          // from, to, weight; sorted
	Curves map[string][2]float64 // a and b of least distances
	Rows   []float32             // [50,6]
	Plane  []float32             // [50,2]
	Trust  map[int]float64       // by the number of neighbours
}

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	b, err := os.ReadFile("testdata/layout.json")
	if err == nil {
		err = json.Unmarshal(b, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// never is for work that is not stopped.
func never() bool { return false }

// near is false for NaN.
func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance }

// curve_fit ends where a step changes the sum of squares by less than 1e-8 of it, at a distance of about its root from the minimum.
func TestCurveGolden(t *testing.T) {
	g := readGolden(t)
	if len(g.Curves) != 7 {
		t.Fatalf("%d curves", len(g.Curves))
	}
	for text, want := range g.Curves {
		minDist, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := curveOf(minDist); !near(a, want[0], 1e-5*want[0]) || !near(b, want[1], 1e-5*want[1]) {
			t.Errorf("least distance %v: a %v, b %v, want %v", minDist, a, b, want)
		}
	}
}

// Weights are those of umap-learn: a search for the width that ends within 1e-5 of its sum leaves it open by as much of itself, and sums
// in float32 by less.
func TestUnionGolden(t *testing.T) {
	g := readGolden(t)
	n := len(g.To) / g.K
	f := union(&neighbours.Graph{Items: make([]int, n), K: g.K, To: g.To, Score: g.Score})
	if len(f.start) != n+1 || len(f.to) != len(g.Edges) {
		t.Fatalf("%d nodes and %d edges, want %d and %d", len(f.start)-1, len(f.to), n, len(g.Edges))
	}
	at := 0
	for i := range n {
		for e := f.start[i]; e < f.start[i+1]; e, at = e+1, at+1 {
			want := g.Edges[at]
			if i != int(want[0]) || f.to[e] != int32(want[1]) || !near(float64(f.weight[e]), want[2], 2e-5) {
				t.Errorf("edge %d: %d to %d with %v, want %v", at, i, f.to[e], f.weight[e], want)
			}
		}
	}
}

func TestTrustworthinessGolden(t *testing.T) {
	g := readGolden(t)
	dev := kernels.CPU()
	defer dev.Close()
	x := kernels.Wrap(dev, g.Rows, 50, 6)
	if len(g.Trust) != 3 {
		t.Fatalf("%d values", len(g.Trust))
	}
	for k, want := range g.Trust {
		if got := Trustworthiness(x, g.Plane, k, 50, never); !near(got, want, 1e-12) { // of counts
			t.Errorf("%d neighbours: %v, want %v", k, got, want)
		}
	}
	// Of half of the points it is their share of the same sum: the mean of both halves is the whole.
	odd, even := 0.0, 0.0
	for i := range 50 {
		points := kernels.Wrap(dev, g.Plane, 50, 2)
		if p := float64(penalties(x, points, 5, []int{i})); i%2 == 0 {
			even += p
		} else {
			odd += p
		}
	}
	worst := 5 * float64(2*50-3*5-1) / 2
	if got := Trustworthiness(x, g.Plane, 5, 25, never); !near(got, 1-even/25/worst, 1e-12) {
		t.Errorf("every second: %v, want %v", got, 1-even/25/worst)
	}
	if !near(1-(odd+even)/50/worst, g.Trust[5], 1e-12) {
		t.Error("the penalties do not sum to the whole")
	}
}

package criteria

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// golden is a case of testdata/criteria.json (scripts/goldens_criteria.py).
type golden struct {
	Name      string    `json:"name"`
	Images    int       `json:"images"`
	Dim       int       `json:"dim"`
	Views     int       `json:"views"`
	K         int       `json:"k"`
	Embedding []float32 `json:"embedding"`
	LiDAR     float64   `json:"lidar"`
	Hubness   float64   `json:"hubness"`
	Overlap   float64   `json:"overlap"`
}

func goldens(t *testing.T) (list []golden) {
	t.Helper()
	b, err := os.ReadFile("../../testdata/criteria.json")
	if err == nil {
		err = json.Unmarshal(b, &list)
	}
	if err != nil || len(list) == 0 {
		t.Fatalf("goldens: %v, %d cases", err, len(list))
	}
	return list
}

func (g *golden) rows() *kernels.Array {
	return kernels.Of(kernels.CPU(), g.Embedding, g.Views*g.Images, g.Dim)
}

// TestAgainstPython: LiDAR by SciPy's generalised eigenvalues of the same float32 rows in float64, hubness and overlap by scikit-learn's
// neighbours. The bound of LiDAR is that of eigenvalues whose matrix has a condition number below 1e4.
func TestAgainstPython(t *testing.T) {
	for _, g := range goldens(t) {
		x, n := g.rows(), g.Images
		for _, c := range []struct {
			name             string
			got, want, bound float64
		}{
			{"LiDAR", LiDAR(x, g.Views), g.LiDAR, 1e-9 * g.LiDAR},
			{"hubness", Hubness(x.Rows(0, n), g.K), g.Hubness, 1e-12},
			{"overlap", NeighbourOverlap(x.Rows(n, 2*n), x.Rows(2*n, 3*n), x.Rows(0, n), g.K), g.Overlap, 1e-12},
		} {
			if !(math.Abs(c.got-c.want) <= c.bound) {
				t.Errorf("%s: %s is %.12g, want %.12g", g.Name, c.name, c.got, c.want)
			}
		}
	}
}

// TestOverlapOfLoop: the overlap is that of a plain loop over all pairs.
func TestOverlapOfLoop(t *testing.T) {
	n, d, k, cpu := 30, 7, 4, kernels.CPU()
	a, b, c := optest.Uniform(cpu, kernels.Float32, 1, -1, 1, n, d), optest.Uniform(cpu, kernels.Float32, 2, -1, 1, n, d),
		optest.Uniform(cpu, kernels.Float32, 3, -1, 1, n, d)
	shared := 0
	for i := range n {
		first, second := closest(a, c, i, k), closest(b, c, i, k)
		for _, j := range first {
			if slices.Contains(second, j) {
				shared++
			}
		}
	}
	if got, want := NeighbourOverlap(a, b, c, k), float64(shared)/float64(n*k); !(got == want) {
		t.Errorf("%g, want %g", got, want)
	}
	if got := NeighbourOverlap(a, a, c, k); !(got == 1) {
		t.Errorf("a view and itself: %g", got)
	}
	if got := NeighbourOverlap(a.Rows(0, 1), b.Rows(0, 1), c.Rows(0, 1), k); !(got == 0) {
		t.Errorf("of one image: %g", got)
	}
}

// closest are the k rows of gallery with the largest cosine to row i of x, but for row i.
func closest(x, gallery *kernels.Array, i, k int) []int {
	d := x.Dim(1)
	var list []int
	cosine := make([]float64, gallery.Dim(0))
	for j := range cosine {
		var dot, square float64
		for p := range d {
			v := optest.Get(gallery, j*d+p)
			dot, square = dot+optest.Get(x, i*d+p)*v, square+v*v
		}
		cosine[j] = dot / math.Sqrt(square)
		if j != i {
			list = append(list, j)
		}
	}
	slices.SortStableFunc(list, func(p, q int) int {
		if cosine[p] > cosine[q] {
			return -1
		}
		return 1
	})
	return list[:k]
}

// TestStability: views that are the same are grouped alike, and unrelated ones are not.
func TestStability(t *testing.T) {
	cpu := kernels.CPU()
	a, b := optest.Uniform(cpu, kernels.Float32, 1, -1, 1, 200, 6), optest.Uniform(cpu, kernels.Float32, 2, -1, 1, 200, 6)
	if v := ClusterStability(a, a, 0); !(math.Abs(v-1) < 1e-12) {
		t.Errorf("a view and itself: %g", v)
	}
	if v := ClusterStability(a, b, 0); !(math.Abs(v) < 0.1) { // chance is 0, with a deviation of about 0.02
		t.Errorf("unrelated views: %g", v)
	}
	if v := ClusterStability(a.Rows(0, 7), b.Rows(0, 7), 0); !(v == 0) {
		t.Errorf("of 7 images: %g", v)
	}
}

// TestOfCollapse: where all rows are the same nothing is undefined.
func TestOfCollapse(t *testing.T) {
	x := kernels.Of(kernels.CPU(), slices.Repeat([]float32{0.6, 0.8}, 3*70), 3*70, 2)
	if v := LiDAR(x, 3); !(v == 0) {
		t.Errorf("LiDAR %g", v)
	}
	f, err := Measure(x.Rows(0, 70), x, 0, nil)
	for _, v := range []float64{f.PooledRank, f.Rank, f.LiDAR, f.Overlap, f.Stability, f.Hubness} {
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("%+v, %v", f, err)
		}
	}
}

// TestKeepTrained holds the rule: from pretrained weights a larger product of directions and neighbours, or of a proven method at least
// most of the directions, from scratch more directions of the features by the margin. The start wins ties.
func TestKeepTrained(t *testing.T) {
	start := &Figures{PooledRank: 100, Rank: 50, Overlap: 0.4}
	for _, c := range []struct {
		name    string
		origin  Origin
		trained Figures
		keep    bool
		why     string
	}{
		{"more of both", FromPretrained, Figures{PooledRank: 1, Rank: 51, Overlap: 0.41}, true, "the embedding came to use 51.0 " +
			"directions and keep 41.0 % of an image's neighbours when the picture changes, in product more than the 50.0 and 40.0 % " +
			"before training"},
		{"fewer directions, more neighbours", FromPretrained, Figures{Rank: 45, Overlap: 0.45}, true, "before training"},
		{"a tie", FromPretrained, Figures{PooledRank: 200, Rank: 50, Overlap: 0.4}, false, "with training the embedding would use 50.0 " +
			"directions and keep 40.0 % of an image's neighbours when the picture changes, in product not more than the 50.0 and 40.0 % " +
			"before it"},
		{"spread out", FromPretrained, Figures{Rank: 60, Overlap: 0.33}, false, "before it"},
		{"drawn together", FromPretrained, Figures{Rank: 20, Overlap: 0.9}, false, "before it"},
		{"not a number", FromPretrained, Figures{Rank: math.NaN(), Overlap: 0.9}, false, "before it"},
		{"no number of neighbours", FromPretrained, Figures{Rank: 60, Overlap: math.NaN()}, false, "before it"},
		{"infinite", FromPretrained, Figures{Rank: math.Inf(1), Overlap: 0.9}, false, "before it"},
		{"proven", Proven, Figures{Rank: 37.6, Overlap: 0.1}, true, "its method gained on nearly every set that it was measured on, and " +
			"the embedding uses 37.6 directions, not far fewer than the 50.0 before training"},
		{"a proven method that lost directions", Proven, Figures{Rank: 37.5, Overlap: 0.9}, false, "with training the embedding would " +
			"use 37.5 directions, far fewer than the 50.0 before it"},
		{"not a number by a proven method", Proven, Figures{Rank: math.NaN(), Overlap: 0.9}, false, "before it"},
		{"from scratch", FromScratch, Figures{PooledRank: 101.1}, true, "its features use 101.1 directions, clearly more than the 100.0 " +
			"before training"},
		{"hardly more from scratch", FromScratch, Figures{PooledRank: 100.9, Rank: 60, Overlap: 0.9}, false, "with training the " +
			"features would use 100.9 directions, not clearly more than the 100.0 before it"},
		{"not a number from scratch", FromScratch, Figures{PooledRank: math.NaN()}, false, "not clearly more than the 100.0 before it"},
		{"infinite from scratch", FromScratch, Figures{PooledRank: math.Inf(1)}, false, "not clearly more than the 100.0 before it"},
	} {
		if keep, why := KeepTrained(start, &c.trained, c.origin); keep != c.keep || !strings.HasSuffix(why, c.why) {
			t.Errorf("%s: %v because %q, want %v because of %q", c.name, keep, why, c.keep, c.why)
		}
	}
}

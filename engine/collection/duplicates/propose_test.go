package duplicates

import (
	"math"
	"path/filepath"
	"slices"
	"testing"
)

// TestNearest: the nearest other row of each row of a sample is that of all rows.
func TestNearest(t *testing.T) {
	c := makeCollection(t, filepath.Join(t.TempDir(), "c.udml"), 700, 8, nil)
	f := &finder{c: c}
	all := c.Live()
	for _, p := range f.nearest(spread(all, 50), all) {
		best := math.Inf(-1)
		for _, j := range all {
			if j != int(p.a) {
				best = max(best, bruteCosine(c, int(p.a), j))
			}
		}
		if !(math.Abs(best-p.similarity) < 1e-6) || p.a == p.b {
			t.Errorf("row %d: %v of row %d, want %v", p.a, p.similarity, p.b, best)
		}
	}
	if got := f.nearest([]int{5}, []int{5}); len(got) != 0 {
		t.Errorf("an image alone has neighbours %v", got)
	}
}

// TestNeighbours: of each image of a sample the most similar images with near hashes, never itself, and the counts of all.
func TestNeighbours(t *testing.T) {
	c := makeCollection(t, filepath.Join(t.TempDir(), "c.udml"), 300, 8, nil)
	f := &finder{c: c, hashBits: 32}
	all := c.Live()
	sample := []int{7, 150}
	pairs, counts, near := f.neighbours(sample, all)
	total, close := 0, 0
	for l := range counts {
		total, close = total+counts[l], close+near[l]
	}
	want, wanted := 0, 0
	for _, i := range sample {
		var similar []float64
		for _, j := range all {
			if j != i && hashDistance(&c.Items[i], &c.Items[j]) <= 32 {
				similar = append(similar, bruteCosine(c, i, j))
			}
		}
		want += len(similar)
		slices.Sort(similar)
		least := similar[len(similar)-neighboursEach]
		for _, p := range pairs {
			if (int(p.a) == i || int(p.b) == i) && p.similarity >= least-1e-6 {
				wanted++
			}
			if p.a >= p.b {
				t.Errorf("pair %+v", p)
			}
		}
	}
	if total != 2*299 || close != want || len(pairs) != 2*neighboursEach || wanted < 2*neighboursEach {
		t.Errorf("%d of all, %d near, want %d; %d pairs, %d of them wanted", total, close, want, len(pairs), wanted)
	}
}

// TestChoose: the threshold separates what can be separated, and its figures are those of the pairs.
func TestChoose(t *testing.T) {
	for name, c := range map[string]struct {
		right, wrong []float64
		total        int
		low, atLeast float64
		want         choice
	}{
		"apart":            {[]float64{0.9, 0.8}, []float64{0.5, 0.6}, 2, 0, -1, choice{0.7, 1, 1}},
		"nothing wrong":    {[]float64{0.9, 0.8}, nil, 2, 0.4, -1, choice{0.6, 1, 1}},
		"one not found":    {[]float64{0.9, 0.8}, []float64{0.6}, 4, 0, -1, choice{0.7, 1, 0.5}},
		"overlapping":      {[]float64{0.9, 0.8, 0.3}, []float64{0.5, 0.5, 0.5, 0.5, 0.5}, 3, 0, -1, choice{0.65, 1, 2.0 / 3}},
		"one wrong inside": {[]float64{0.9, 0.8, 0.7}, []float64{0.75}, 3, 0.5, -1, choice{0.6, 0.75, 1}},
		"not affordable":   {[]float64{0.9, 0.8, 0.7}, nil, 3, 0.1, 0.75, choice{0.775, 1, 2.0 / 3}},
		"low above":        {[]float64{0.9, 0.2}, nil, 2, 0.4, -1, choice{0.2, 1, 1}},
		"no copies":        {nil, []float64{0.5}, 3, 0, -1, choice{1, 1, 0}},
	} {
		got := newExpected(c.right, c.total, c.wrong).choose(c.low, c.atLeast)
		for _, d := range []float64{got.threshold - c.want.threshold, got.precision - c.want.precision, got.recall - c.want.recall} {
			if !(math.Abs(d) < 1e-9) {
				t.Errorf("%s: %+v, want %+v", name, got, c.want)
			}
		}
	}
}

// TestReachedBy: the level above which at most so many values lie.
func TestReachedBy(t *testing.T) {
	var c levelCounts
	for i := range 1000 {
		c.add(float32(i) / 1000)
	}
	for _, most := range []float64{0, 10, 500} {
		got := c.reachedBy(most)
		if want := 1 - most/1000; !(math.Abs(got-want) <= 0.0011) {
			t.Errorf("%v: %v, want %v", most, got, want)
		}
	}
	if got := c.reachedBy(1000); got != -1 {
		t.Errorf("all: %v", got)
	}
}

package duplicates

import (
	"context"
	"image"
	"math"
	"path/filepath"
	"testing"

	"udml-gpu/engine/collection"
)

// TestLevels: each threshold has the pairs and groups that a search with it finds, and what the copies let expect.
func TestLevels(t *testing.T) {
	angles := []float64{0, 0.3, 0.5, 2, 2.6, 4} // cosines of neighbours: 0.955, 0.980, 0.825; of 0 and 2: 0.878
	c := makeCollection(t, filepath.Join(t.TempDir(), "c.udml"), len(angles), 4, func(i int, it *collection.Item, row []float32) {
		clear(row)
		row[0], row[1], it.Look.PHash = float32(math.Cos(angles[i])), float32(math.Sin(angles[i])), uint64(i)
	})
	o := options(t)
	find := func(threshold float64) *Report {
		o.Threshold = &threshold
		r, err := Find(context.Background(), c, nil, o)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := find(0.83)
	if len(r.Thresholds) != 6 {
		t.Fatalf("%+v", r.Thresholds)
	}
	taken := 0
	for k, l := range r.Thresholds {
		other, images := find(l.Threshold), 0
		for _, g := range other.Groups {
			images += len(g.Items)
		}
		if l.Pairs != other.Counts.Pairs || l.Groups != len(other.Groups) || l.Images != images || l.Precision != nil || l.Recall != nil {
			t.Errorf("%+v, but the search finds %d pairs, %d groups of %d images", l, other.Counts.Pairs, len(other.Groups), images)
		}
		if k > 0 && !(l.Threshold > r.Thresholds[k-1].Threshold) {
			t.Errorf("%v follows %v", l.Threshold, r.Thresholds[k-1].Threshold)
		}
		if l.Threshold == r.Threshold {
			taken++
		}
	}
	if first, last := r.Thresholds[0], r.Thresholds[5]; taken != 1 || first.Pairs != 4 || last.Pairs != 2 {
		t.Errorf("%d taken, first %+v, last %+v", taken, first, last)
	}
	if top := find(1).Thresholds; len(top) != 1 || top[0].Pairs != 0 {
		t.Errorf("at 1: %+v", top)
	}
	f := &finder{report: &Report{Threshold: 0.5}, expected: newExpected([]float64{0.9, 0.7, 0.5}, 4, []float64{0.6, 0.45})}
	for _, l := range f.levels(nil, 0.46) { // of the lower ones 0.45 is not known, and 0.475 is
		if want := f.expected.of(l.Threshold); *l.Precision != want.precision || *l.Recall != want.recall || l.Threshold < 0.46 {
			t.Errorf("%+v, want %+v", l, want)
		}
	}
}

// TestExpected: what is found and what is wrong at a threshold.
func TestExpected(t *testing.T) {
	e := newExpected([]float64{0.5, 0.9, 0.7}, 4, []float64{0.6, 0.45})
	for _, want := range []choice{{0.95, 1, 0}, {0.9, 1, 0.25}, {0.65, 1, 0.5}, {0.6, 2.0 / 3, 0.5}, {0, 0.6, 0.75}} {
		if got := e.of(want.threshold); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

// TestCompared: pairs of images that were seen cost little; others are decoded up to a limit.
func TestCompared(t *testing.T) {
	pairs := make([]pair, belowPairs+10)
	for k := range pairs {
		pairs[k] = pair{a: int32(2 * k), b: int32(2*k + 1)}
	}
	f := &finder{looker: &looker{seen: map[int]*seen{}}}
	if got := f.compared(pairs); got != belowPairs {
		t.Errorf("without images %d pairs are compared, want %d", got, belowPairs)
	}
	f.looker.image = func(int) (image.Image, error) { return nil, nil }
	if got := f.compared(pairs); got != belowImages/2 {
		t.Errorf("of unseen images %d pairs are compared, want %d", got, belowImages/2)
	}
	for i := range 2000 {
		f.looker.seen[i] = nil
	}
	if got := f.compared(pairs); got != belowImages/2+1000 {
		t.Errorf("%d pairs are compared where 1000 were seen, want %d", got, belowImages/2+1000)
	}
}

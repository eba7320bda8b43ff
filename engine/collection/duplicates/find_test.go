package duplicates

import (
	"context"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"udml-gpu/engine/collection"
)

// TestFindWithoutImages: what is not kept of the same bytes takes no part in near groups, a chain stays apart, images that are gone are
// left out, and the result is the same each time.
func TestFindWithoutImages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.udml")
	c := makeCollection(t, path, 60, 16, func(i int, it *collection.Item, row []float32) {
		switch {
		case i < 4: // 0 and 1 are one file; 2 is near both; 3 is near 2 and not near the others
			clear(row)
			row[0], row[1] = 1, []float32{0, 0, 0.3, 0.75}[i]
			it.Look.PHash = []uint64{0, 0, 1, 3}[i]
			it.Size = int64(5000 - i)
			if i < 2 {
				it.SHA256 = strings.Repeat("ab", 32)
			}
		case i == 4: // would be near 0
			clear(row)
			row[0], it.Gone, it.Look.PHash = 1, true, 0
		}
	})
	o := options(t)
	threshold := 0.9
	o.Threshold = &threshold
	r, err := Find(context.Background(), c, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	name := func(i int) string { return c.Items[i].Path }
	want := []Group{{Kind: Bytes, Items: []string{name(0), name(1)}}, {Kind: Near, Items: []string{name(0), name(2)}}}
	for k, g := range r.Groups {
		if k >= len(want) || g.Kind != want[k].Kind || !reflect.DeepEqual(g.Items, want[k].Items) || g.Keep != want[k].Items[0] {
			t.Errorf("group %d: %+v", k, g)
		}
	}
	if len(r.Groups) != len(want) || r.Images != 59 || r.Counts.Between != 1 || r.Between[0].B != name(3) {
		t.Errorf("%d groups of %d images, between them %+v", len(r.Groups), r.Images, r.Between)
	}
	if g := r.Groups[1]; !(math.Abs(g.MinSimilarity-1/math.Sqrt(1.09)) < 1e-6) || g.MaxHashBits != 1 || g.Saved != 4998 {
		t.Errorf("the near group is %+v", g)
	}
	if len(r.Notes) != 1 || !strings.Contains(string(r.Notes[0]), "the images are not there") {
		t.Errorf("notes %q", r.Notes)
	}
	again, err := Find(context.Background(), c, nil, o)
	if err != nil || !reflect.DeepEqual(r, again) {
		t.Errorf("the second result differs from the first, %v", err)
	}
}

// TestFindInFewImages: one image, and none that is there.
func TestFindInFewImages(t *testing.T) {
	one := makeCollection(t, filepath.Join(t.TempDir(), "one.udml"), 1, 4, nil)
	if r, err := Find(context.Background(), one, nil, options(t)); err != nil || len(r.Groups) != 0 || !(r.Threshold <= 1) {
		t.Errorf("one image: %+v, %v", r, err)
	}
	leave := func(_ int, it *collection.Item, _ []float32) { it.Gone = true }
	gone := makeCollection(t, filepath.Join(t.TempDir(), "gone.udml"), 2, 4, leave)
	if _, err := Find(context.Background(), gone, nil, options(t)); err == nil || !strings.Contains(err.Error(), "holds no images") {
		t.Errorf("none: %v", err)
	}
}

// TestProposeFromNeighbours: near hashes and far ones are separated by their similarity.
func TestProposeFromNeighbours(t *testing.T) {
	c := makeCollection(t, filepath.Join(t.TempDir(), "c.udml"), 400, 32, func(i int, it *collection.Item, row []float32) {
		if i%10 == 1 { // a copy of the row before
			own := append([]float32(nil), row...)
			madeRow(row, i-1)
			for d := range row {
				row[d] += 0.05 * own[d]
			}
			it.Look.PHash = madeItem(i-1).Look.PHash ^ 3
		}
	})
	r, err := Find(context.Background(), c, nil, options(t))
	if err != nil {
		t.Fatal(err)
	}
	p := r.Proposal
	if p.From != "neighbours" || p.Sure != 80 || p.Others != 320 || !(*p.F1 == 1) || r.Precision != nil || r.Recall != nil {
		t.Errorf("proposal %+v", p)
	}
	if r.Counts.Groups[Near] != 40 || !(r.Threshold > 0.5 && r.Threshold < 0.995) {
		t.Errorf("%d groups at %v, want 40", r.Counts.Groups[Near], r.Threshold)
	}
	sum := 0
	for _, b := range r.Histogram {
		sum += b.Count
	}
	if sum != 400 {
		t.Errorf("the histogram holds %d images, want 400", sum)
	}
}

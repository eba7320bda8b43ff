package duplicates

import (
	"reflect"
	"testing"

	"udml-gpu/engine/collection"
)

// At a higher threshold groups fall apart as if it had been looked for with it, other kinds stay, and the image to keep stays one.
func TestAt(t *testing.T) {
	items := make([]collection.Item, 8)
	for i := range items {
		items[i] = collection.Item{Path: string(rune('a' + i)), Size: int64(100 + i), Width: 10, Height: 10, Format: "JPEG"}
	}
	d := &collection.Duplicates{
		Threshold: 0.5,
		Groups: []collection.DuplicateGroup{
			{Kind: "bytes", MinSimilarity: 1, Saved: 9, Of: []int32{6, 7}},
			{Kind: "near", MinSimilarity: 0.6, Saved: 201, Of: []int32{1, 0, 2}},
			{Kind: "near", MinSimilarity: 0.9, Saved: 103, Of: []int32{4, 3}},
		},
		Near: []collection.NearPair{
			{A: 3, B: 4, Similarity: 0.9}, {A: 2, B: 0, Similarity: 0.8}, {A: 0, B: 1, Similarity: 0.7}, {A: 1, B: 2, Similarity: 0.6},
		},
	}
	bytes, pair := d.Groups[0], d.Groups[2]
	less := collection.DuplicateGroup{Kind: "near", MinSimilarity: 0.8, Saved: 100, Of: []int32{2, 0}} // 0 is with 2 before it is with 1
	for _, c := range []struct {
		threshold float64
		want      []collection.DuplicateGroup
	}{
		{0.5, d.Groups},
		{0.55, []collection.DuplicateGroup{bytes, {Kind: "near", MinSimilarity: 0.6, Saved: 202, Of: []int32{1, 0, 2}}, pair}},
		{0.65, []collection.DuplicateGroup{bytes, less, pair}},
		{0.8, []collection.DuplicateGroup{bytes, less, pair}},
		{0.85, []collection.DuplicateGroup{bytes, pair}},
		{1, []collection.DuplicateGroup{bytes}},
	} {
		if got := At(items, d, c.threshold); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: %+v, want %+v", c.threshold, got, c.want)
		}
	}
}

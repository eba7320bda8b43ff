package search

import (
	"math"
	"testing"

	"udml-gpu/engine/collection/collectiontest"
	"udml-gpu/kernels"
)

// Scores are those of Nearest, in the order of the items, across the borders of blocks, and with any kind of rows.
func TestScores(t *testing.T) {
	dev := kernels.CPU()
	defer dev.Close()
	for _, kind := range kinds {
		items, rows := random(blockRows+77, 12)
		c := collectiontest.OfType(t, kind.of, kind.halves, items, rows)
		live, query := c.Live(), c.Row(3)
		scores := Scores(dev, c, query, live)
		if len(scores) != len(live) {
			t.Fatalf("%s: %d scores of %d images", kind.name, len(scores), len(live))
		}
		at := map[int]float64{}
		for n, i := range live {
			at[i] = float64(scores[n])
		}
		for _, h := range Nearest(dev, c, query, live, 500) {
			if !(math.Abs(at[h.Item]-float64(h.Score)) < 1e-6) { // of products of unit vectors with 12 columns
				t.Errorf("%s: image %d has %v, want %v", kind.name, h.Item, at[h.Item], h.Score)
			}
		}
	}
}

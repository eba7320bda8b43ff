package cache

import (
	"context"
	"testing"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/datatest"
)

// TestBoxes: the cache holds the content of the boxes; a box that is larger than its image is cut at the border.
func TestBoxes(t *testing.T) {
	dir := "cub:" + datatest.Tree(t, datatest.CubFiles())
	cacheOf := func(o data.Options) *Cache {
		s, err := data.Open(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		c, err := Build(context.Background(), s.Split("all"), Options{Size: 2, Channels: 1, RAM: 1 << 20, MaxBad: 0})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	c, whole := cacheOf(data.Options{Boxes: "crop", Labels: "none"}), cacheOf(data.Options{})
	if c.Len() != 4 || string(c.Pixels(1)) == string(whole.Pixels(1)) {
		t.Fatalf("%d images, pixels %v", c.Len(), c.Pixels(1))
	}
}

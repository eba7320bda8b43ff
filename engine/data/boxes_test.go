package data

import (
	"context"
	"testing"
)

// TestBoxes: the cache holds what is in the boxes; one that is larger than its image ends with it.
func TestBoxes(t *testing.T) {
	dir := "cub:" + tree(t, cubFiles())
	cacheOf := func(o Options) *Cache {
		s, err := Open(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		c, err := BuildCache(context.Background(), s.Split("all"), CacheOptions{Size: 2, Channels: 1, RAM: 1 << 20, MaxBad: 0})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	c, whole := cacheOf(Options{Boxes: "crop", Labels: "none"}), cacheOf(Options{})
	if c.Len() != 4 || string(c.Pixels(1)) == string(whole.Pixels(1)) {
		t.Fatalf("%d images, pixels %v", c.Len(), c.Pixels(1))
	}
}

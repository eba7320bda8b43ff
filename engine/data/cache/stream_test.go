package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/datatest"
)

// damagedSet is n images, every third of them damaged.
func damagedSet(t *testing.T, n int) *data.Set {
	t.Helper()
	files := datatest.NumberedImages(n)
	for i, name := range slices.Sorted(maps.Keys(files)) {
		if i%3 == 1 {
			files[name] = []byte("no image")
		}
	}
	return openSet(t, datatest.Tree(t, files))
}

// TestStreamEqualsCache: a stream gives the images and pixels of a cache, with any number of workers and of waiting images.
func TestStreamEqualsCache(t *testing.T) {
	set := damagedSet(t, 32)
	o := Options{Size: 6, Channels: 3, MaxBad: 11, RAM: 1 << 20}
	c, err := Build(context.Background(), set, o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, ahead := range []int{1, 2, 7, 100} {
		for _, workers := range []int{1, 4, 50} {
			var warned []string
			o.Workers, o.Warn = workers, func(name string, err error) { warned = append(warned, fmt.Sprint(name, err)) }
			s, err := NewStream(set, o, ahead)
			if err != nil {
				t.Fatal(err)
			}
			at := 0
			for i, pix := range s.All(context.Background()) {
				if set.Items[i].Name != c.Name(at) || !bytes.Equal(pix, c.Pixels(at)) {
					t.Fatalf("image %d of %d workers, %d ahead, is not the cache's", i, workers, ahead)
				}
				at++
			}
			if s.Err() != nil || at != c.Len() || len(s.Skipped()) != 11 || len(warned) != 11 {
				t.Fatalf("%d images, %d skipped, %d warned of, %v", at, len(s.Skipped()), len(warned), s.Err())
			}
			for k, skip := range s.Skipped() {
				want := c.Skipped()[k]
				if skip.Name != want.Name || skip.Err.Error() != want.Err.Error() || warned[k] != fmt.Sprint(want.Name, want.Err) {
					t.Fatalf("skipped %v, want %v", skip, want)
				}
			}
		}
	}
}

// TestStreamOfBadImages: the errors are the same as those of a cache.
func TestStreamOfBadImages(t *testing.T) {
	all := func(set *data.Set, maxBad int) error {
		o := Options{Size: 4, Channels: 1, MaxBad: maxBad}
		o.Warn = func(string, error) { t.Error("a warning beside an error") }
		s, err := NewStream(set, o, 4)
		if err != nil {
			return err
		}
		for range s.All(context.Background()) { //nolint:revive // the images themselves are not used
		}
		return s.Err()
	}
	datatest.WantError(t, all(damagedSet(t, 32), 10), "more than 10 of 32", "--max-bad", "train/0/001.png: ", "...")
	bad := openSet(t, datatest.Tree(t, map[string][]byte{"a.png": []byte("a"), "b.png": []byte("b")}))
	datatest.WantError(t, all(bad, -1), "none of 2 images can be read", "a.png", "b.png")
	datatest.WantError(t, all(nil, -1), "no images")
}

// counted counts the files that are read.
type counted struct {
	archive.Opener
	reads atomic.Int64
}

func (c *counted) Read(name string) ([]byte, error) {
	c.reads.Add(1)
	return c.Opener.Read(name)
}

// TestStreamIsBounded: no more images are decoded than may wait, and no worker continues after the loop has ended.
func TestStreamIsBounded(t *testing.T) {
	const ahead = 5
	set := manyImages(t, 60)
	files := &counted{Opener: set.Files}
	set.Files = files
	s, err := NewStream(set, Options{Size: 4, Channels: 1, Workers: 8}, ahead)
	if err != nil {
		t.Fatal(err)
	}
	taken := int64(0)
	for range s.All(context.Background()) {
		if n := files.reads.Load(); n > taken+ahead {
			t.Fatalf("%d images read when %d were taken", n, taken)
		}
		if taken++; taken == 20 {
			break
		}
	}
	if s.Err() != nil {
		t.Errorf("broken off: %v", s.Err())
	}
	after := files.reads.Load()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	if s, err = NewStream(set, Options{Size: 4, Channels: 1, Workers: 8}, ahead); err != nil {
		t.Fatal(err)
	}
	for i := range s.All(ctx) {
		if i == 30 {
			stop()
		}
		if i > 30+ahead {
			t.Fatalf("image %d after the end of the context", i)
		}
	}
	if !errors.Is(s.Err(), context.Canceled) {
		t.Errorf("stopped: %v", s.Err())
	}
	if n := files.reads.Load(); n > after+31+2*ahead {
		t.Errorf("%d images read after the end", n)
	}
}

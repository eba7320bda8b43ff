package cache

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/datatest"
)

// TestImagesThatGoAway: when the file of the images is truncated, as by a failing disk or a removed volume, reading
// them gives an error and does not end the program; the remaining images are still read.
func TestImagesThatGoAway(t *testing.T) {
	src, err := data.Open(
		datatest.Tree(t, map[string][]byte{"1.png": datatest.PNG(90, 90, 1), "2.png": datatest.PNG(90, 90, 2)}),
		data.Options{},
	)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	folder := t.TempDir()
	c, err := Open(context.Background(), src.Split("all"), Options{Size: 80, Channels: 3, Keep: folder})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	first := bytes.Clone(c.Pixels(0))
	if c.Err() != nil {
		t.Fatal(c.Err())
	}
	files, _ := filepath.Glob(filepath.Join(folder, "*"+cacheExtension))
	if len(files) != 1 {
		t.Fatalf("%d files", len(files))
	}
	if err := os.Truncate(files[0], int64(cachePixels+len(first))); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(c.Pixels(0), first) || c.Err() != nil {
		t.Errorf("the image that is still there: %v", c.Err())
	}
	last := c.Pixels(c.Len() - 1)
	var bad *baddata.Error
	if !errors.As(c.Err(), &bad) || len(last) != len(first) {
		t.Errorf("%d bytes, error %v", len(last), c.Err())
	}
}

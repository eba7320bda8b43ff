package cache

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/datatest"
)

// TestImagesThatChangeAfterTheListing: an image that was listed and then disappeared, was cut off, or became a folder or a pipe
// is skipped and named, the same with any number of workers. Too many of them are an error.
func TestImagesThatChangeAfterTheListing(t *testing.T) {
	files := map[string][]byte{}
	for _, name := range []string{"cut.png", "folder.png", "gone.png", "good.png", "pipe.png", "still.png"} {
		files[name] = datatest.PNG(5, 7, 9)
	}
	dir := datatest.Tree(t, files)
	set := openSet(t, dir)
	at := func(name string) string { return filepath.Join(dir, name) }
	err := errors.Join(os.Truncate(at("cut.png"), 40), os.Remove(at("gone.png")),
		os.Remove(at("folder.png")), os.Mkdir(at("folder.png"), 0o777), os.Remove(at("pipe.png")), syscall.Mkfifo(at("pipe.png"), 0o666))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"cut.png", "folder.png", "gone.png", "pipe.png"}
	for workers := 1; workers < 5; workers++ {
		c, err := Build(context.Background(), set, Options{Size: 6, Channels: 3, RAM: 1 << 20, MaxBad: len(want), Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		var skipped []string
		for _, s := range c.Skipped() {
			skipped = append(skipped, s.Name)
		}
		if !slices.Equal(skipped, want) || c.Len() != 2 || c.Name(0) != "good.png" || c.Name(1) != "still.png" {
			t.Errorf("%d workers: skipped %v, %d images left", workers, skipped, c.Len())
		}
		c.Close()
	}
	_, err = Build(context.Background(), set, Options{Size: 6, Channels: 3, RAM: 1 << 20, MaxBad: len(want) - 1})
	if bad := (*baddata.Error)(nil); !errors.As(err, &bad) {
		t.Errorf("error %v, want one of data", err)
	}
}

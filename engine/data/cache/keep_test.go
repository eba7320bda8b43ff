package cache

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/datatest"
)

// keepIn are options for a cache in folder; asked counts the images that were decoded.
func keepIn(folder string, asked *int) Options {
	return Options{Size: 6, Channels: 3, RAM: 1 << 20, MaxBad: -1, Keep: folder, Progress: func(int, int) { *asked++ }}
}

// openKept opens the set in folder and compares the result with a cache that is not kept. It tells whether the images were
// reused, and why a file could not be used.
func openKept(t *testing.T, set *data.Set, folder string) (reused bool, remade string) {
	t.Helper()
	asked := 0
	o := keepIn(folder, &asked)
	o.Remade = func(why error) { remade += why.Error() }
	c, err := Open(context.Background(), set, o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Reused() != (asked == 0) {
		t.Fatalf("%d images decoded, reused: %t", asked, c.Reused())
	}
	sameAsBuilt(t, c, set, o)
	if left, _ := filepath.Glob(filepath.Join(folder, "*"+pendingExtension)); len(left) != 0 {
		t.Fatalf("%v are left", left)
	}
	return c.Reused(), remade
}

// sameAsBuilt compares a cache with the result of Build.
func sameAsBuilt(t *testing.T, c *Cache, set *data.Set, o Options) {
	t.Helper()
	o.Progress = nil
	want, err := Build(context.Background(), set, o)
	if err != nil {
		t.Fatal(err)
	}
	defer want.Close()
	if c.Len() != want.Len() || c.Fingerprint() != want.Fingerprint() || c.hash() != want.Fingerprint() ||
		len(c.Skipped()) != len(want.Skipped()) {
		t.Fatalf(
			"%d images, %d skipped, fingerprint %s; want %d, %d, %s",
			c.Len(),
			len(c.Skipped()),
			c.Fingerprint(),
			want.Len(),
			len(want.Skipped()),
			want.Fingerprint(),
		)
	}
	for i := range c.Len() {
		if c.Name(i) != want.Name(i) || c.Label(i) != want.Label(i) || !slices.Equal(c.Pixels(i), want.Pixels(i)) {
			t.Fatalf("image %d differs", i)
		}
	}
	for i, s := range c.Skipped() {
		if s.Name != want.Skipped()[i].Name || s.Err.Error() != want.Skipped()[i].Err.Error() {
			t.Fatalf("skipped %v, want %v", s, want.Skipped()[i])
		}
	}
}

// kept is a folder of images, some of them damaged.
func kept(t *testing.T) string {
	return datatest.Tree(t, map[string][]byte{
		"train/a/1.png": nil, "train/a/2.png": datatest.PNG(9, 5, 1), "train/b/3.png": []byte("text"), "train/b/4.png": nil,
		"train/c/5.png": {},
	})
}

func TestKeptImagesAreReused(t *testing.T) {
	dir, folder := kept(t), filepath.Join(t.TempDir(), "deep", "cache")
	for i, want := range []bool{false, true, true} {
		reused, remade := openKept(t, openSet(t, dir), folder)
		if reused != want || remade != "" {
			t.Fatalf("opening %d: reused %t, %q", i, reused, remade)
		}
	}
	// Another recipe has a file of its own.
	asked := 0
	o := keepIn(folder, &asked)
	o.Size = 7
	c, err := Open(context.Background(), openSet(t, dir), o)
	if err != nil || c.Reused() || asked != 5 {
		t.Fatal(err, asked)
	}
	defer c.Close()
	if files, _ := os.ReadDir(folder); len(files) != 2 {
		t.Fatalf("%v in the folder", files)
	}
	if reused, _ := openKept(t, openSet(t, dir), folder); !reused {
		t.Fatal("the other recipe took the place of the first")
	}
}

// TestKeptImagesTryUnreadOnesAgain: a file that could not be read is tried again, because new permissions do not change its time.
func TestKeptImagesTryUnreadOnesAgain(t *testing.T) {
	dir, folder := kept(t), t.TempDir()
	set := openSet(t, dir)
	real := set.Files
	set.Files = failing{real, "train/a/2.png"}
	openKept(t, set, folder)
	if reused, _ := openKept(t, set, folder); !reused {
		t.Fatal("not reused while the image cannot be read")
	}
	set.Files = real
	if reused, remade := openKept(t, set, folder); reused || remade == "" {
		t.Fatalf("reused %t, %q", reused, remade)
	}
}

// failing is an opener that cannot read one of its files.
type failing struct {
	archive.Opener
	name string
}

func (f failing) Read(name string) ([]byte, error) {
	if name == f.name {
		return nil, os.ErrPermission
	}
	return f.Opener.Read(name)
}

func TestKeptImagesCountTheDamagedOnes(t *testing.T) {
	dir, folder, asked := kept(t), t.TempDir(), 0
	openKept(t, openSet(t, dir), folder)
	o := keepIn(folder, &asked)
	var warned []string
	o.Warn = func(name string, err error) { warned = append(warned, name+": "+err.Error()) }
	if _, err := Open(context.Background(), openSet(t, dir), o); err != nil || len(warned) != 2 {
		t.Fatal(err, warned)
	}
	o.MaxBad = 1
	_, err := Open(context.Background(), openSet(t, dir), o)
	datatest.WantError(t, err, "more than 1 of 5", "--max-bad", "train/b/3.png")
	if asked != 0 {
		t.Fatalf("%d images decoded", asked)
	}
}

func TestKeptImagesMadeByManyAtOnce(t *testing.T) {
	set, folder := manyImages(t, 33), t.TempDir()
	var wait sync.WaitGroup
	prints := make([]string, 8)
	for i := range prints {
		wait.Go(func() {
			asked := 0
			c, err := Open(context.Background(), set, keepIn(folder, &asked))
			if err != nil {
				t.Error(err)
				return
			}
			prints[i] = c.hash()
			c.Close()
		})
	}
	wait.Wait()
	for _, p := range prints {
		if p != prints[0] || p == "" {
			t.Fatalf("the pixels differ: %q", prints)
		}
	}
	if reused, _ := openKept(t, set, folder); !reused {
		t.Fatal("what is left cannot be used")
	}
	if files, _ := os.ReadDir(folder); len(files) != 1 {
		t.Fatalf("%v in the folder", files)
	}
}

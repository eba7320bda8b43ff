package data

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// keepIn are options for a cache in folder; asked counts the images that were decoded.
func keepIn(folder string, asked *int) CacheOptions {
	return CacheOptions{Size: 6, Channels: 3, RAM: 1 << 20, MaxBad: -1, Keep: folder, Progress: func(int, int) { *asked++ }}
}

// openKept opens the set in folder, compares the result with a cache that is not kept, and tells whether nothing was
// decoded, and why a file could not be used.
func openKept(t *testing.T, set *Set, folder string) (reused bool, remade string) {
	t.Helper()
	asked := 0
	o := keepIn(folder, &asked)
	o.Remade = func(why error) { remade += why.Error() }
	c, err := OpenCache(context.Background(), set, o)
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

// sameAsBuilt holds a cache against what BuildCache makes of the set.
func sameAsBuilt(t *testing.T, c *Cache, set *Set, o CacheOptions) {
	t.Helper()
	o.Progress = nil
	want, err := BuildCache(context.Background(), set, o)
	if err != nil {
		t.Fatal(err)
	}
	defer want.Close()
	if c.Len() != want.Len() || c.Fingerprint() != want.Fingerprint() || c.hash() != want.Fingerprint() || len(c.Skipped()) != len(want.Skipped()) {
		t.Fatalf("%d images, %d skipped, fingerprint %s; want %d, %d, %s", c.Len(), len(c.Skipped()), c.Fingerprint(), want.Len(), len(want.Skipped()), want.Fingerprint())
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

// kept is a folder of images with damaged ones among them.
func kept(t *testing.T) string {
	return tree(t, map[string][]byte{
		"train/a/1.png": nil, "train/a/2.png": pngBytes(9, 5, 1), "train/b/3.png": []byte("text"), "train/b/4.png": nil, "train/c/5.png": {},
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
	c, err := OpenCache(context.Background(), openSet(t, dir), o)
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

func TestKeptImagesFollowTheSource(t *testing.T) {
	write := func(dir, name string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for what, change := range map[string]func(dir string){
		"added":    func(dir string) { write(dir, "train/a/9.png", pngBytes(4, 4, 7)) },
		"removed":  func(dir string) { os.Remove(filepath.Join(dir, "train/a/1.png")) },
		"renamed":  func(dir string) { os.Rename(filepath.Join(dir, "train/a/1.png"), filepath.Join(dir, "train/a/0.png")) },
		"touched":  func(dir string) { os.Chtimes(filepath.Join(dir, "train/a/1.png"), time.Time{}, time.Unix(7, 0)) },
		"mended":   func(dir string) { write(dir, "train/b/3.png", pngBytes(4, 4, 7)) },
		"another":  func(dir string) { write(dir, "train/a/2.png", pngBytes(19, 5, 100)) },
		"relinked": func(dir string) { relink(t, dir) },
	} {
		dir, folder := kept(t), t.TempDir()
		openKept(t, openSet(t, dir), folder)
		change(dir)
		if reused, remade := openKept(t, openSet(t, dir), folder); reused || remade == "" {
			t.Errorf("%s: reused %t, %q", what, reused, remade)
		}
		if reused, _ := openKept(t, openSet(t, dir), folder); !reused {
			t.Errorf("%s: not reused after it was made again", what)
		}
		if files, _ := os.ReadDir(folder); len(files) != 1 {
			t.Errorf("%s: %v in the folder", what, files)
		}
	}
}

// relink puts a link to another file in the place of an image: what counts is the file it leads to.
func relink(t *testing.T, dir string) {
	other := filepath.Join(t.TempDir(), "other.png")
	at := filepath.Join(dir, "train/a/1.png")
	os.WriteFile(other, pngBytes(8, 8, 50), 0o644)
	os.Remove(at)
	if err := os.Symlink(other, at); err != nil {
		t.Fatal(err)
	}
}

func TestKeptImagesOfArchives(t *testing.T) {
	for _, name := range []string{"set.zip", "set.tar", "set.tgz"} {
		file, folder := archiveFile(t, name, map[string][]byte{"train/a/1.png": nil, "train/b/2.png": pngBytes(9, 9, 9)}), t.TempDir()
		openKept(t, openSet(t, file), folder)
		if reused, _ := openKept(t, openSet(t, file), folder); !reused {
			t.Errorf("%s: not reused", name)
		}
		if err := os.Chtimes(file, time.Time{}, time.Unix(7, 0)); err != nil {
			t.Fatal(err)
		}
		if reused, _ := openKept(t, openSet(t, file), folder); reused {
			t.Errorf("%s: reused after it was touched", name)
		}
	}
}

// Labels and boxes come from the source, whatever the file was made with.
func TestKeptImagesWithOtherLabelsAndBoxes(t *testing.T) {
	dir, folder := kept(t), t.TempDir()
	openKept(t, openSet(t, dir), folder)
	plain, err := Open(dir, Options{Labels: "none"})
	if err != nil {
		t.Fatal(err)
	}
	if reused, _ := openKept(t, plain.Split("all"), folder); !reused {
		t.Error("other labels are no other pixels")
	}
	boxed := openSet(t, dir)
	boxed.Items[1].Box = Box{1, 1, 2, 2}
	for range 2 {
		openKept(t, boxed, folder)
	}
	boxed.Items[1].Box.X = 2
	if reused, _ := openKept(t, boxed, folder); reused {
		t.Error("reused with another box")
	}
	if reused, _ := openKept(t, openSet(t, dir), folder); !reused {
		t.Error("whole images and boxes have a file each")
	}
}

// A file that could not be read is tried again: its time does not change when its rights do.
func TestKeptImagesTryUnreadOnesAgain(t *testing.T) {
	dir, folder := kept(t), t.TempDir()
	set := openSet(t, dir)
	real := set.files
	set.files = failing{real, "train/a/2.png"}
	openKept(t, set, folder)
	if reused, _ := openKept(t, set, folder); !reused {
		t.Fatal("not reused while the image cannot be read")
	}
	set.files = real
	if reused, remade := openKept(t, set, folder); reused || remade == "" {
		t.Fatalf("reused %t, %q", reused, remade)
	}
}

// failing is an opener that cannot read one of its files.
type failing struct {
	opener
	name string
}

func (f failing) read(name string) ([]byte, error) {
	if name == f.name {
		return nil, os.ErrPermission
	}
	return f.opener.read(name)
}

func TestKeptImagesCountTheDamagedOnes(t *testing.T) {
	dir, folder, asked := kept(t), t.TempDir(), 0
	openKept(t, openSet(t, dir), folder)
	o := keepIn(folder, &asked)
	var warned []string
	o.Warn = func(name string, err error) { warned = append(warned, name+": "+err.Error()) }
	if _, err := OpenCache(context.Background(), openSet(t, dir), o); err != nil || len(warned) != 2 {
		t.Fatal(err, warned)
	}
	o.MaxBad = 1
	_, err := OpenCache(context.Background(), openSet(t, dir), o)
	wantError(t, err, "more than 1 of 5", "--max-bad", "train/b/3.png")
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
			c, err := OpenCache(context.Background(), set, keepIn(folder, &asked))
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

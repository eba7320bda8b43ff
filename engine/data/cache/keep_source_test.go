package cache

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/datatest"
	"udml-gpu/engine/data/picture"
)

func TestKeptImagesFollowTheSource(t *testing.T) {
	write := func(dir, name string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for what, change := range map[string]func(dir string){
		"added":   func(dir string) { write(dir, "train/a/9.png", datatest.PNG(4, 4, 7)) },
		"removed": func(dir string) { _ = os.Remove(filepath.Join(dir, "train/a/1.png")) },
		"renamed": func(dir string) {
			_ = os.Rename(filepath.Join(dir, "train/a/1.png"), filepath.Join(dir, "train/a/0.png"))
		},
		"touched":  func(dir string) { _ = os.Chtimes(filepath.Join(dir, "train/a/1.png"), time.Time{}, time.Unix(7, 0)) },
		"mended":   func(dir string) { write(dir, "train/b/3.png", datatest.PNG(4, 4, 7)) },
		"another":  func(dir string) { write(dir, "train/a/2.png", datatest.PNG(19, 5, 100)) },
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

// relink replaces an image by a link to another file: the stamp is that of the target.
func relink(t *testing.T, dir string) {
	other := filepath.Join(t.TempDir(), "other.png")
	at := filepath.Join(dir, "train/a/1.png")
	_ = os.WriteFile(other, datatest.PNG(8, 8, 50), 0o644)
	_ = os.Remove(at)
	if err := os.Symlink(other, at); err != nil {
		t.Fatal(err)
	}
}

func TestKeptImagesOfArchives(t *testing.T) {
	for _, name := range []string{"set.zip", "set.tar", "set.tgz"} {
		file, folder := datatest.Archive(
			t,
			name,
			map[string][]byte{"train/a/1.png": nil, "train/b/2.png": datatest.PNG(9, 9, 9)},
		), t.TempDir()
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

// TestKeptImagesWithOtherLabelsAndBoxes: labels come from the source and not from the kept file; other boxes need another file.
func TestKeptImagesWithOtherLabelsAndBoxes(t *testing.T) {
	dir, folder := kept(t), t.TempDir()
	openKept(t, openSet(t, dir), folder)
	plain, err := data.Open(dir, data.Options{Labels: "none"})
	if err != nil {
		t.Fatal(err)
	}
	if reused, _ := openKept(t, plain.Split("all"), folder); !reused {
		t.Error("other labels changed the kept pixels")
	}
	boxed := openSet(t, dir)
	boxed.Boxes = make([]picture.Box, len(boxed.Items))
	boxed.Boxes[1] = picture.Box{X: 1, Y: 1, W: 2, H: 2}
	for range 2 {
		openKept(t, boxed, folder)
	}
	boxed.Boxes[1].X = 2
	if reused, _ := openKept(t, boxed, folder); reused {
		t.Error("reused with another box")
	}
	if reused, _ := openKept(t, openSet(t, dir), folder); !reused {
		t.Error("whole images and boxes have a file each")
	}
}

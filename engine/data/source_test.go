package data

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/datatest"
)

// describe writes a set in one line: name=label, in order.
func describe(s *Set) string {
	if s == nil {
		return "nil"
	}
	var parts []string
	for _, item := range s.Items {
		parts = append(parts, fmt.Sprintf("%s=%d", item.Name, item.Label))
	}
	return strings.Join(parts, " ")
}

func TestSplitsAndLabels(t *testing.T) {
	cases := []struct {
		labels, files, train, test, all string
	}{
		{
			"auto",
			"train/b/1.png train/a/x/2.JPG test/c/3.png LICENSE",
			"train/a/x/2.JPG=0 train/b/1.png=1",
			"test/c/3.png=0",
			"test/c/3.png=2 train/a/x/2.JPG=0 train/b/1.png=1",
		},
		{"", "train/1.png train/a/2.png", "train/1.png=-1 train/a/2.png=0", "nil", "train/1.png=-1 train/a/2.png=0"},
		{"none", "train/b/1.png test/c/3.png", "train/b/1.png=-1", "test/c/3.png=-1", "test/c/3.png=-1 train/b/1.png=-1"},
		{"auto", "cats/1.png dogs/2.webp 3.gif", "nil", "nil", "3.gif=-1 cats/1.png=-1 dogs/2.webp=-1"},
		{"folder", "cats/1.png dogs/old/2.webp 3.gif", "nil", "nil", "3.gif=-1 cats/1.png=0 dogs/old/2.webp=1"},
		{
			"auto",
			"set/train/b/1.png set/test/c/3.png set/notes.txt",
			"set/train/b/1.png=0",
			"set/test/c/3.png=0",
			"set/test/c/3.png=1 set/train/b/1.png=0",
		},
		{"auto", ".hidden/1.png a/.x.png __MACOSX/a/2.png a/3.png", "nil", "nil", "a/3.png=-1"},
	}
	for _, c := range cases {
		names := strings.Fields(c.files)
		files := map[string][]byte{}
		for _, name := range names {
			files[name] = nil
		}
		folder, err := Open(datatest.Tree(t, files), Options{Labels: c.labels})
		if err != nil {
			t.Fatal(err)
		}
		b := datatest.Zip(t, names...)
		zipped, err := OpenZip("x.zip", bytes.NewReader(b), int64(len(b)), Options{Labels: c.labels})
		if err != nil {
			t.Fatal(err)
		}
		for kind, s := range map[string]*Source{"folder": folder, "zip": zipped} {
			for split, want := range map[string]string{"train": c.train, "test": c.test, "all": c.all, "": c.all, "val": "nil"} {
				if got := describe(s.Split(split)); got != want {
					t.Errorf("%s of %s, labels %q, split %q:\n got %s\nwant %s", kind, c.files, c.labels, split, got, want)
				}
			}
			if raw, err := s.Split("all").ReadImage(0); err != nil || len(raw) == 0 {
				t.Errorf("%s of %s: %v", kind, c.files, err)
			}
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	_, err := Open("no/such/place", Options{})
	datatest.WantError(t, err, "no/such/place", "does not exist")
	empty := t.TempDir()
	_, err = Open(empty, Options{})
	datatest.WantError(t, err, empty, "empty", ".jpg")
	texts := datatest.Tree(t, map[string][]byte{"a.txt": []byte("a"), "b/c.md": []byte("b")})
	_, err = Open(texts, Options{})
	datatest.WantError(t, err, texts, "2 other files", ".webp")
	_, err = Open(filepath.Join(texts, "a.txt"), Options{})
	datatest.WantError(t, err, "a.txt", "folder or a zip")
	_, err = Open("/dev/null", Options{})
	datatest.WantError(t, err, "/dev/null")
}

func TestZipRefusesUnsafeNames(t *testing.T) {
	for _, name := range []string{"../a.png", "a/../../b.png", "a/..", "/etc/a.png", `a\b.png`, `..\a.png`, "C:/a.png", "a\x00.png"} {
		b := datatest.Zip(t, "fine.png", name)
		_, err := OpenZip("x.zip", bytes.NewReader(b), int64(len(b)), Options{})
		datatest.WantError(t, err, "x.zip", fmt.Sprintf("%q", name))
	}
	b := datatest.Zip(t, "a.png", "./a.png")
	_, err := OpenZip("x.zip", bytes.NewReader(b), int64(len(b)), Options{})
	datatest.WantError(t, err, "two entries", "a.png")
	b = datatest.Zip(t, "a..b/..c.png", "a:b.png", "./d//e.png")
	s, err := OpenZip("x.zip", bytes.NewReader(b), int64(len(b)), Options{})
	if err != nil || describe(s.Split("all")) != "a:b.png=-1 d/e.png=-1" {
		t.Fatalf("%v, %v", describe(s.Split("all")), err)
	}
}

func TestLongFilesAreRefused(t *testing.T) {
	was := archive.MaxFileBytes
	defer func() { archive.MaxFileBytes = was }()
	archive.MaxFileBytes = 40
	dir := datatest.Tree(t, map[string][]byte{"a.png": nil, "b.png": bytes.Repeat([]byte{1}, 40)})
	b := datatest.Zip(t, "a.png")
	zipped, err := OpenZip("x.zip", bytes.NewReader(b), int64(len(b)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Source{zipped, plain} {
		_, err := s.Split("all").ReadImage(0)
		datatest.WantError(t, err, "the limit is 40")
	}
	if b, err := plain.Split("all").ReadImage(1); err != nil || len(b) != 40 {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
}

func TestLinks(t *testing.T) {
	dir := datatest.Tree(t, map[string][]byte{"a/1.png": nil})
	for link, to := range map[string]string{"a/loop": "..", "b.png": "a/1.png", "broken.png": "nowhere", "self": "self"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip(err)
		}
	}
	outside := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, outside); err != nil {
		t.Fatal(err)
	}
	s, err := Open(outside, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := describe(s.Split("")); got != "a/1.png=-1 b.png=-1" {
		t.Fatal(got)
	}
	if _, err := s.Split("").ReadImage(1); err != nil {
		t.Fatal(err)
	}
}

func TestThin(t *testing.T) {
	b := datatest.Zip(t, "train/a/1.png", "train/b/1.png", "train/b/2.png", "train/c/1.png", "train/d/1.png", "train/0.png", "test/z/1.png")
	s, err := OpenZip("x.zip", bytes.NewReader(b), int64(len(b)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.ThinSplit("train", 2)
	train := s.Split("train")
	if got := describe(train); got != "train/a/1.png=0 train/c/1.png=1" || !slices.Equal(train.Classes, []string{"a", "c"}) {
		t.Fatal(got, train.Classes)
	}
	if got := describe(s.Split("test")); got != "test/z/1.png=0" {
		t.Fatal(got)
	}
}

package data

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/datatest"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/picture"
)

// TestFolderNotes: of a folder with all kinds of things, each is used or counted, once.
func TestFolderNotes(t *testing.T) {
	dir := datatest.Tree(t, map[string][]byte{
		"a/1.png": nil, "a/2.JPG": nil, "a/3.x3f": nil, "4.CRW": nil, "b.zip": nil, "c.txt": nil, "d": nil, ".hidden.png": nil,
		".cache/5.png":     nil,
		"lost+found/6.png": nil, "a/@eaDir/7.png": nil, "System Volume Information/x": nil, "$Recycle.Bin/8.png": nil,
		"#recycle/9.png": nil, "a/desktop.ini": nil,
	})
	for link, to := range map[string]string{"l.png": "a/1.png", "album": "a", "gone.png": "nowhere", "loop.png": "loop.png"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mkfifo(filepath.Join(dir, "pipe.png"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openAs(t, dir, Options{})
	if got := describe(s.Split("all")); got != "a/1.png=-1 a/2.JPG=-1 l.png=-1" {
		t.Fatal(got)
	}
	want := "unread_format!=2 archive_inside!=1 linked_folder!=1 broken_link!=2 special_file=1 trash=2 system=4 hidden=2 other_file=2"
	if got := reasonsOf(s); got != want {
		t.Fatalf("%s, want %s", got, want)
	}
	first := s.Notes()[0]
	if !maps.Equal(first.Kinds, map[string]int{".crw": 1, ".x3f": 1}) {
		t.Errorf("kinds %v", first.Kinds)
	}
	want = "not used: 2 pictures in formats that are not read (.crw 1, .x3f 1), 4.CRW, a/3.x3f: convert the wanted ones to JPEG or PNG"
	if first.Message != want {
		t.Errorf("%q, want %q", first.Message, want)
	}
}

// TestLockedSystemFolder: a system folder without permission to read, such as lost+found, does not end the program.
func TestLockedSystemFolder(t *testing.T) {
	dir := datatest.Tree(t, map[string][]byte{"a.png": nil, "lost+found/b.png": nil})
	locked := filepath.Join(dir, "lost+found")
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Chmod(locked, 0o700); err != nil { // so that it can be removed
			t.Error(err)
		}
	})
	if got := reasonsOf(openAs(t, dir, Options{})); got != "system=1" {
		t.Fatal(got)
	}
}

// zipOf is a zip whose entries have the given modes; those in locked are flagged as encrypted.
func zipOf(t *testing.T, modes map[string]fs.FileMode, locked ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, mode := range modes {
		h := &zip.FileHeader{Name: name}
		h.SetMode(mode)
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(datatest.PNG(4, 3, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	raw := b.Bytes()
	for at := range raw[:max(len(raw)-46, 0)] {
		if !bytes.HasPrefix(raw[at:], []byte("PK\x01\x02")) {
			continue
		}
		for _, name := range locked {
			if bytes.HasPrefix(raw[at+46:], []byte(name)) {
				raw[at+8] |= 1
			}
		}
	}
	return raw
}

func TestZipNotes(t *testing.T) {
	modes := map[string]fs.FileMode{"a.png": 0o644, "b.png": 0o644, "c.png": fs.ModeSymlink | 0o777, "d.png": fs.ModeNamedPipe | 0o644}
	b := zipOf(t, modes, "b.png")
	s, err := OpenZip("x.zip", bytes.NewReader(b), int64(len(b)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := describe(s.Split("all")); got != "a.png=-1" {
		t.Error(got)
	}
	if got, want := reasonsOf(s), "encrypted!=1 link_in_archive!=1 special_file=1"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	b = zipOf(t, map[string]fs.FileMode{"a.png": 0o644, "b.png": 0o644}, "a.png", "b.png")
	_, err = OpenZip("x.zip", bytes.NewReader(b), int64(len(b)), Options{})
	datatest.WantError(t, err, "x.zip holds no images", "2 encrypted images", "without a password")
}

// TestReadFormatsAreNotLeftOut: no format that is read is also listed as unread.
func TestReadFormatsAreNotLeftOut(t *testing.T) {
	for _, ext := range picture.Extensions {
		if slices.Contains(picture.UnreadPictures, ext) {
			t.Errorf("%s is listed both as read and as unread", ext)
		}
	}
	for _, ext := range append(append([]string{}, picture.Extensions...), ".HEIC", ".txt", "") {
		var l archive.Listing
		l.Add("x" + ext)
		if read := picture.IsName("x" + ext); read != (len(l.Images) == 1) || read != (len(l.Left.Notes()) == 0) {
			t.Errorf("%s: %+v", ext, l)
		}
	}
}

// TestShown: control characters are quoted in a message, bytes that are no text are escaped, and a long name is shortened.
func TestShown(t *testing.T) {
	for name, want := range map[string]string{
		"a b/ä.png": "a b/ä.png", "a\x1b[2J.png": `"a\x1b[2J.png"`, "a\nb": `"a\nb"`, "\xff": "bytes:%FF", "a\u202eb": `"a\u202eb"`,
	} {
		if got := notes.Shown(name); got != want {
			t.Errorf("%q is shown as %s, want %s", name, got, want)
		}
	}
	if got := notes.Shown(strings.Repeat("x", 5000)); len(got) > 250 {
		t.Errorf("%d bytes", len(got))
	}
	s := openNames(t, Options{}, "a.png", "b\x1b[2J.txt", "c.\x1b[2J")
	for _, n := range s.Notes() {
		if strings.ContainsRune(n.Message, 0x1b) {
			t.Errorf("%q", n.Message)
		}
	}
}

// TestManyKinds: a message names only a few kinds, the most frequent first.
func TestManyKinds(t *testing.T) {
	var o notes.Omissions
	for i := range 30 {
		for range i%3 + 1 {
			o.Add(notes.ReasonOther, "x."+strings.Repeat("a", i%10+1)+string(rune('a'+i)))
		}
	}
	n := o.Notes()[0]
	if n.Count != 60 || len(n.Examples) != notes.MaxExamples || !strings.Contains(n.Message, "and 22 more kinds") ||
		!strings.HasPrefix(n.Message, "not used: 60 other files (.aaaaaaaaaa~ 3, ") {
		t.Fatalf("%+v", n)
	}
}

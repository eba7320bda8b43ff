package archive

import (
	"archive/tar"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/store/storetest"
)

// tarOf is a tar of files, each name with its content, in this order.
func tarOf(t testing.TB, files ...[2]string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f[0], Size: int64(len(f[1])), Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// listed opens a place and lists it.
func listed(t *testing.T, place, keep string) (Opener, Listing) {
	t.Helper()
	f, err := Open(place, keep)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	l, err := f.List()
	if err != nil {
		t.Fatal(err)
	}
	return f, l
}

// TestPrefixIsAFolder: a prefix has the images and the notes of the same files in a folder.
func TestPrefixIsAFolder(t *testing.T) {
	s, dir := storetest.New(t), t.TempDir()
	for name, content := range map[string]string{
		"a/1.jpg": "one", "a/2.png": "two", "b.jpg": "three", ".hidden/x.jpg": "", "old/y.jpg": "", "notes.txt": "", "in.zip": "",
		".udmlignore": "old/\n",
		"Thumbs.db":   "", "a/.udmlignore": "2.*\n",
	} {
		s.Put("bucket/photos/"+name, content)
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(content), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	s.Put("bucket/photos/", "")
	s.Put("bucket/photos/a/", "")
	s.Put("bucket/photos-of-others/z.jpg", "")
	_, want := listed(t, dir, "")
	slices.Sort(want.Images)
	for _, place := range []string{"s3://bucket/photos", "s3://bucket/photos/"} {
		f, got := listed(t, place, "")
		if !slices.Equal(got.Images, want.Images) || !slices.Equal(got.Left.Texts(), want.Left.Texts()) {
			t.Errorf("%s holds %v, %q; the folder %v, %q", place, got.Images, got.Left.Texts(), want.Images, want.Left.Texts())
		}
		if b, err := f.Read("a/1.jpg"); err != nil || string(b) != "one" {
			t.Errorf("%q, %v", b, err)
		}
		if f.Check("b.jpg") != nil || f.Check("c.jpg") == nil {
			t.Error("it does not know what it holds")
		}
	}
}

// TestStampsFollowContent: the stamp of an object changes with its content alone.
func TestStampsFollowContent(t *testing.T) {
	s := storetest.New(t)
	stamp := func(content string) Stamp {
		s.Put("bucket/p/a.jpg", content)
		f, _ := listed(t, "s3://bucket/p/", "")
		at, err := f.Stamp("a.jpg")
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	if first := stamp("one"); first != stamp("one") || first == stamp("two") {
		t.Error("the stamp is not that of the content")
	}
}

// TestKeysThatAreNoFiles: they are left out with a note.
func TestKeysThatAreNoFiles(t *testing.T) {
	s := storetest.New(t)
	for _, key := range []string{"a.jpg", "../b.jpg", "x//c.jpg", "d\u0085.jpg", "./e.jpg"} {
		s.Put("bucket/p/"+key, "x")
	}
	_, l := listed(t, "s3://bucket/p/", "")
	if !slices.Equal(l.Images, []string{"a.jpg"}) {
		t.Errorf("it reads %q", l.Images)
	}
	found := l.Left.Notes()
	if len(found) != 1 || found[0].Reason != notes.ReasonKey || found[0].Count != 4 || !found[0].Warning {
		t.Errorf("the notes are %+v", found)
	}
}

// TestIndexIsKept: the second start reads no header of a tar; another state of the tar, or a damaged index, has it read again.
func TestIndexIsKept(t *testing.T) {
	s, keep := storetest.New(t), t.TempDir()
	big := strings.Repeat("x", 3000)
	s.Put("bucket/a.tar", tarOf(t, [2]string{"1.jpg", "one"}, [2]string{"b/2.jpg", big}, [2]string{".hidden", "h"}))
	open := func() (asked int, images []string) {
		t.Helper()
		s.Asked()
		f, l := listed(t, "s3://bucket/a.tar", keep)
		asked = len(s.Asked())
		if b, err := f.Read("b/2.jpg"); err != nil || string(b) != big {
			t.Errorf("read %d bytes, %v", len(b), err)
		}
		return asked, l.Images
	}
	first, want := open()
	second, got := open()
	if second != 1 || first < 3 || !slices.Equal(got, want) { // what is there; its first block is in memory
		t.Errorf("%d requests at first, then %d; %v, %v", first, second, want, got)
	}
	index, err := filepath.Glob(filepath.Join(keep, "*"))
	if err != nil || len(index) != 1 {
		t.Fatal(index, err)
	}
	b, err := os.ReadFile(index[0])
	if err != nil {
		t.Fatal(err)
	}
	for i := range b {
		damaged := bytes.Clone(b)
		damaged[i] ^= 0x40
		if err := os.WriteFile(index[0], damaged, 0o666); err != nil {
			t.Fatal(err)
		}
		if i%17 == 0 {
			if n, got := open(); n < 3 || !slices.Equal(got, want) {
				t.Fatalf("with byte %d damaged: %d requests, %v", i, n, got)
			}
		}
	}
	s.Put("bucket/a.tar", tarOf(t, [2]string{"b/2.jpg", big}))
	if n, got := open(); n < 3 || !slices.Equal(got, []string{"b/2.jpg"}) {
		t.Errorf("of another tar: %d requests, %v", n, got)
	}
}

// TestRemoteFaults: each is one sentence that names the object.
func TestRemoteFaults(t *testing.T) {
	s := storetest.New(t)
	whole := tarOf(t, [2]string{"1.jpg", strings.Repeat("x", 2000)}, [2]string{"2.jpg", "y"})
	s.Put("bucket/cut.tar", whole[:2000])
	s.Put("bucket/text.tar", "no tar")
	s.Put("bucket/empty.tar", "")
	s.Put("bucket/shards/1.tar", "no tar at all")
	for place, says := range map[string]string{
		"s3://bucket/cut.tar": "s3://bucket/cut.tar is damaged", "s3://bucket/text.tar": "s3://bucket/text.tar",
		"s3://bucket/empty.tar": "s3://bucket/empty.tar",
		"s3://bucket/none.tar":  "below s3://bucket/none.tar", "s3://bucket/../a": "cannot be used", "s3://": "names no bucket",
	} {
		_, err := Open(place, "")
		if bad := (*baddata.Error)(nil); !errors.As(err, &bad) || !strings.Contains(err.Error(), says) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", place, err)
		}
	}
	f, _ := listed(t, "s3://bucket/shards/", "")
	if _, err := OpenShards(f, nil); err == nil || !strings.Contains(err.Error(), "s3://bucket/shards/1.tar is not a tar") {
		t.Errorf("%v", err)
	}
}

func FuzzIndex(f *testing.F) {
	keep := f.TempDir()
	packed := &packedFile{name: "s3://bucket/a.tar", size: 10_000, keep: keep, etag: "x"}
	t := newTar(packed, nil)
	t.notes = []noted{{"a.jpg", tar.TypeReg, span{512, 100}}, {"b", tar.TypeDir, span{}}}
	t.labels = map[string]string{"a": "cat"}
	t.remember(packed)
	files, err := filepath.Glob(filepath.Join(keep, "*"))
	if err != nil || len(files) != 1 {
		f.Fatal(files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b[len(indexMark)+len(packed.about()) : len(b)-32])
	f.Fuzz(func(t *testing.T, body []byte) {
		tarred := newTar(packed, nil)
		tarred.labels = map[string]string{}
		_ = tarred.parseEntries(packed, body)
		for name, at := range tarred.entries {
			if at.at < 0 || at.size < 0 || at.at+at.size > packed.size || UnsafeName(name) != "" {
				t.Errorf("%q lies at %v", name, at)
			}
		}
	})
}

package fill

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data"
)

// tree is an archive of the files.
func tree(t *testing.T, names []string, content func(name string) string) *data.Source {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name})
		if err == nil {
			_, err = w.Write([]byte(content(name)))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	src, err := data.OpenZip("photos.zip", bytes.NewReader(b.Bytes()), int64(b.Len()), data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// filling is a test's update of a collection, with rows in place of a network.
type filling struct {
	*testing.T
	w *collection.Writer
	p *plan
}

// planned begins an update of the collection at path.
func planned(t *testing.T, path string, src *data.Source) *filling {
	t.Helper()
	w, err := collection.Claim(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	if w.Manifest == nil {
		if err := w.Start(collection.Manifest{Dimensions: 2}); err != nil {
			t.Fatal(err)
		}
	}
	p, err := newPlan(context.Background(), src.Split("all"), src, w)
	if err != nil {
		t.Fatal(err)
	}
	return &filling{t, w, p}
}

// embed gives rows to what has none, and gives their number.
func (f *filling) embed() int {
	fresh := f.p.fresh(f.p.count(f.p.missing))
	for _, i := range fresh {
		b, err := f.p.set.ReadImage(i)
		if err != nil {
			f.Fatal(err)
		}
		sum := sha256.Sum256(b)
		it := collection.Item{SHA256: hex.EncodeToString(sum[:]), Format: "PNG", Taken: "2024-01-02T03:04:05"}
		f.p.describe(i, &it)
		n, err := f.w.Add([]collection.Item{it}, []float32{float32(sum[0]), 1})
		if err != nil {
			f.Fatal(err)
		}
		f.p.places[i] = collection.Added(n)
	}
	return len(fresh)
}

// commit ends the update.
func (f *filling) commit(c collection.Contents) (changed bool) {
	f.Helper()
	changed, err := f.w.Commit(c, f.p.damaged)
	if err != nil {
		f.Fatal(err)
	}
	f.w.Close()
	return changed
}

// What is found where: in the present generation and in what a killed writer left, under the same and under other paths.
func TestPlan(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.udml")
	files := map[string]string{"train/a/1.png": "one", "train/a/2.png": "two", "train/b/3.png": "three", "test/b/4.png": "four"}
	content := func(name string) string { return files[name] }
	f := planned(t, path, tree(t, []string{"train/a/1.png", "train/a/2.png", "train/b/3.png", "test/b/4.png"}, content))
	if n := f.embed(); n != 4 || !f.commit(f.p.contents()) {
		t.Fatalf("%d images were embedded", n)
	}
	// A writer that is killed leaves new.png and its copy, both gone by then, and a change of 2.png, which is undone.
	files["train/a/new.png"], files["train/a/same.png"], files["train/a/2.png"] = "new", "new", "changed"
	f = planned(t, path, tree(t, []string{"train/a/2.png", "train/a/new.png", "train/a/same.png", "test/b/4.png"}, content))
	if n := f.embed(); n != 3 {
		t.Fatalf("%d images were embedded", n)
	}
	f.w.Close()
	files["train/a/2.png"], files["train/moved.png"], files["train/b/9.png"] = "two", "new", "four"
	f = planned(t, path, tree(t, []string{"train/a/2.png", "train/moved.png", "train/b/9.png", "test/b/4.png", "train/b/3.png"}, content))
	if p := f.p; p.renamed != 1 || p.copied != 1 || p.touched != 1 || p.known != 7 || f.embed() != 0 {
		t.Errorf("%d renamed, %d copied, %d touched of %d", p.renamed, p.copied, p.touched, p.known)
	}
	f.commit(f.p.contents())
	c, err := collection.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	got := ""
	for i, it := range c.Items {
		want := sha256.Sum256([]byte(files[it.Path]))
		if it.SHA256 != hex.EncodeToString(want[:]) || c.Row(i)[0] != float32(want[0]) {
			t.Errorf("%s has the content or the row of another", it.Path)
		}
		got += fmt.Sprintf("%s %s %s %t\n", it.Path, it.Split, it.Label, it.Gone)
	}
	const want = "test/b/4.png test b false\ntrain/a/1.png train a true\ntrain/a/2.png train a false\n" +
		"train/b/3.png train b false\ntrain/b/9.png train b false\ntrain/moved.png train  false\n"
	if got != want {
		t.Errorf("the collection holds\n%swant\n%s", got, want)
	}
}

// imageBytes is the most that may be held of an image while a collection is written: its stamp (16 bytes), its place (8), and an eighth
// for the place of its line in the journal; the rest is for buffers, which differ by 300 KB. An item alone has 180 bytes and its texts.
const imageBytes = 32

// What is held of an image does not come back unnoticed: it is measured as what 20,000 images more hold, when all is embedded, and in the
// midst of the last pass of a commit, at the same place of a part of the file of items.
func TestLiveBytes(t *testing.T) {
	const few, more = 20_000, 4 << 14
	small, large := live(t, few, few-500), live(t, few+more, few+more-500)
	for i, moment := range []string{"embedded", "committing", "updating"} {
		perImage := float64(large[i]-small[i]) / more
		t.Logf("%s: %.1f bytes an image", moment, perImage)
		if perImage > imageBytes || perImage < -imageBytes {
			t.Errorf("%s: %.1f bytes an image, want at most %d", moment, perImage, imageBytes)
		}
	}
}

// live is what is alive of an embed of n images, and of an update in which nothing has changed.
func live(t *testing.T, n, moment int) (bytes [3]int64) {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("%03d/%06d.png", i/1000, i))
	}
	path := filepath.Join(t.TempDir(), "c.udml")
	src := tree(t, names, func(name string) string { return name })
	before := heap()
	f := planned(t, path, src)
	f.embed()
	bytes[0] = heap() - before
	c := f.p.contents()
	f.commit(watched(c, func(i int) {
		if i == moment {
			bytes[1] = heap() - before
		}
	}))
	f = planned(t, path, src)
	bytes[2] = heap() - before
	if f.commit(f.p.contents()) {
		t.Error("an update without a change changed the collection")
	}
	return bytes
}

// watched are the contents, whose every description is told.
func watched(c collection.Contents, tell func(i int)) collection.Contents {
	describe := c.Describe
	c.Describe = func(i int, it *collection.Item) {
		describe(i, it)
		tell(i)
	}
	return c
}

// heap is what is alive.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

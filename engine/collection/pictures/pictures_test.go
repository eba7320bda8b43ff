package pictures

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/collectiontest"
)

// made is a collection of two photos that lie beside it.
func made(t *testing.T) *collection.Collection {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "photos"), 0o777); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"a.png", "b.png"} {
		im := image.NewRGBA(image.Rect(0, 0, 300, 150+100*i))
		for x := range 300 {
			for y := range 150 {
				im.SetRGBA(x, y, color.RGBA{uint8(x), uint8(y), uint8(100 * i), 255})
			}
		}
		var b bytes.Buffer
		if err := png.Encode(&b, im); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "photos", name), b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return collectiontest.Make(t, filepath.Join(dir, "c.udml"), 4, collectiontest.Items(2, "a.png", "b.png"))
}

func opened(t *testing.T, c *collection.Collection) *Pictures {
	t.Helper()
	p, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// A thumbnail is made once: the pack has it when the photos are gone, also for who opened the pack before it was made.
func TestPack(t *testing.T) {
	c := made(t)
	first, second := opened(t, c), opened(t, c)
	a, err := first.JPEG(0, 60)
	if err != nil {
		t.Fatal(err)
	}
	if im, _, err := image.Decode(bytes.NewReader(a)); err != nil || im.Bounds().Dx() != 60 || im.Bounds().Dy() != 30 {
		t.Fatal(im.Bounds(), err)
	}
	b, err := second.JPEG(1, 60) // behind what the first has appended
	if err != nil || bytes.Equal(a, b) {
		t.Fatal(err)
	}
	third := opened(t, c)
	if err := os.RemoveAll(c.Data()); err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]byte{a, b} {
		if got, err := third.JPEG(i, 60); err != nil || !bytes.Equal(got, want) {
			t.Errorf("thumbnail %d: %v", i, err)
		}
	}
	if _, err := third.JPEG(0, 61); err == nil {
		t.Error("a thumbnail of another size comes from nowhere")
	}
}

// A pack that was cut off, changed or is something else costs nothing but time.
func TestDamagedPack(t *testing.T) {
	c := made(t)
	p := opened(t, c)
	want, err := p.JPEG(0, 60)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(c.Path, packFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := 0; cut < len(whole); cut += 13 {
		changed := bytes.Clone(whole)
		changed[cut] ^= 0x55
		for _, content := range [][]byte{whole[:cut], changed} {
			if err := os.WriteFile(path, content, 0o666); err != nil {
				t.Fatal(err)
			}
			q := opened(t, c)
			for range 2 {
				if got, err := q.JPEG(0, 60); err != nil || !bytes.Equal(got, want) {
					t.Fatalf("at %d: %v", cut, err)
				}
			}
			_ = q.Close()
		}
	}
}

func FuzzPack(f *testing.F) {
	f.Add([]byte(packHead))
	f.Add(append([]byte(packHead), make([]byte, 64)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, packFile), b, 0o666); err != nil {
			t.Fatal(err)
		}
		if p := openPack(dir); p != nil {
			key := packKey{1}
			p.put(key, []byte("thumbnail"))
			if got := p.get(key); string(got) != "thumbnail" {
				t.Errorf("%q", got)
			}
			p.close()
		}
	})
}

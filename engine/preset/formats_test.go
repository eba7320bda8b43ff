package preset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/datatest"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/store/storetest"
)

// drawing is a PNG file of rings.
func drawing(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, square(105, rings)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestFormats: data sets of every kind are looked at, training images alone.
func TestFormats(t *testing.T) {
	files := map[string][]byte{}
	for i := range 8 {
		files[fmt.Sprintf("train/a/%d.png", i)] = drawing(t)
		files[fmt.Sprintf("test/b/%d.png", i)] = datatest.PNG(40, 30, 120)
	}
	cub := datatest.Cub(4, func(class, _ int) []byte {
		if class <= 100 {
			return drawing(t)
		}
		return datatest.PNG(40, 30, 120)
	}, 1, 2, 101)
	list := map[string][]byte{
		"list.csv": []byte("path,x,y,w,h\na.png,10,20,90,81\nb.png,10,20,90,81\n"), "a.png": drawing(t), "b.png": drawing(t),
	}
	for name, want := range map[string]struct {
		data         string
		images, side int // all of them drawings
	}{
		"folder": {datatest.Tree(t, files), 8, 105},
		"tar.gz": {datatest.Archive(t, "d.tar.gz", files), 8, 105},
		"zip":    {datatest.Archive(t, "d.zip", files), 8, 105},
		"cub":    {"cub:" + datatest.Tree(t, cub), 8, 105},
		"boxes":  {"csv:" + filepath.Join(datatest.Tree(t, list), "list.csv"), 2, 81},
	} {
		l := layers(t, "", map[string]any{"data": want.data})
		usual, why := undecided(l)
		src, seen, err := look(context.Background(), usual)
		if err != nil || why != "" || src == nil {
			t.Errorf("%s: %v, %q, %+v", name, err, why, seen)
			continue
		}
		src.Close()
		f := seen.Facts
		if f.Images != want.images || f.Side != want.side || f.Decoded != want.images || !near(f.Drawings, 1) {
			t.Errorf("%s: %+v, want %+v", name, f, want)
		}
	}
}

// TestStore: of a store a hundred images are looked at; one that it does not deliver is an error, since settings must not depend on the
// network.
func TestStore(t *testing.T) {
	s := storetest.New(t)
	for i := range 110 {
		s.Put(fmt.Sprintf("bucket/p/%03d.png", i), string(drawing(t)))
	}
	l := layers(t, "", map[string]any{"data": "s3://bucket/p/"})
	src, said, err := Decide(context.Background(), l, nil)
	why := l.Settings()["preset"].Why
	if err != nil || said == "" || l.Config.Size != drawingSize || !strings.HasPrefix(why, "100 of 110 images looked at") {
		t.Fatalf("%q, %v, size %d, %q", said, err, l.Config.Size, why)
	}
	src.Close()
	s.Spoil = func(r *http.Request, _ int) string {
		if strings.HasSuffix(r.URL.Path, ".png") {
			return "403"
		}
		return ""
	}
	bad := (*baddata.Error)(nil)
	l = layers(t, "", map[string]any{"data": "s3://bucket/p/"})
	if src, _, err := Decide(context.Background(), l, nil); src != nil || !errors.As(err, &bad) || l.Config.Size != 0 {
		t.Errorf("%v, size %d", err, l.Config.Size)
	}
	l = layers(t, "", map[string]any{"data": data.Demo(0), "preset": setting.NoPreset})
	if src, said, err := Decide(context.Background(), l, nil); src != nil || said != "" || err != nil {
		t.Errorf("--preset none: %q, %v", said, err)
	}
}

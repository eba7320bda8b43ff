package layout

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/png"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/collectiontest"
	"udml-gpu/engine/data/demo"
	"udml-gpu/kernels"
)

// drawings is a collection of the first n built-in images, by 15 x 15 means of their pixels.
func drawings(t *testing.T, n int) *collection.Collection {
	t.Helper()
	b, err := demo.Zip()
	if err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var items []collection.Item
	var rows []float32
	slices.SortFunc(r.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range r.File {
		if !strings.HasSuffix(f.Name, ".png") || len(items) == n {
			continue
		}
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		im, _, err := image.Decode(in)
		if err != nil {
			t.Fatal(err)
		}
		items, rows = append(items, collection.Item{Path: f.Name}), append(rows, ink(im)...)
	}
	return collectiontest.Of(t, items, rows)
}

// ink is the mean darkness of 15 x 15 parts of an image of 105 x 105.
func ink(im image.Image) []float32 {
	row := make([]float32, 225)
	for y := range 105 {
		for x := range 105 {
			v, _, _, _ := im.At(x, y).RGBA()
			row[y/7*15+x/7] += 1 - float32(v)/65535
		}
	}
	return row
}

func find(t *testing.T, c *collection.Collection, q Request) (*collection.Map, bool) {
	t.Helper()
	dev := kernels.CPU()
	defer dev.Close()
	m, made, err := Find(context.Background(), dev, c, q)
	if err != nil {
		t.Fatal(err)
	}
	return m, made
}

// On real images neighbours on the map are neighbours by far more often than on the plane of the first two principal components, and the
// bytes do not depend on the number of cores.
func TestRealImages(t *testing.T) {
	c := drawings(t, 1000)
	q := Request{Neighbours: 15, MinDist: 0.1, Epochs: 200}
	m, made := find(t, c, q)
	if !made || m.Images != 1000 || m.Trust == nil || m.StartTrust == nil {
		t.Fatalf("%+v, %t", m, made)
	}
	// 0.884 and 0.713 where this was written.
	if !(*m.Trust > *m.StartTrust+0.1) || !(*m.Trust > 0.8) {
		t.Errorf("trustworthiness %v, of the principal components %v", *m.Trust, *m.StartTrust)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if one, _ := find(t, c, q); !slices.Equal(one.At, m.At) || *one.Trust != *m.Trust {
		t.Error("one core gives other places")
	}
}

// Any number of images has a map, equal ones too.
func TestFewImages(t *testing.T) {
	for n := 1; n <= 20; n++ {
		for _, name := range []string{"different", "equal"} {
			items, rows := make([]collection.Item, n), []float32(nil)
			for i := range items {
				items[i].Path = fmt.Sprintf("%02d.png", i)
				if name == "equal" {
					rows = append(rows, 1, 2, 3)
				} else {
					rows = append(rows, collectiontest.Row(uint64(i), 3)...)
				}
			}
			m, _ := find(t, collectiontest.Of(t, items, rows), Request{Neighbours: 15, MinDist: 0.1})
			lo, hi := m.Bounds()
			if m.Images != n || len(m.At) != 2*n || !(max(hi[0]-lo[0], hi[1]-lo[1]) < 60) || (m.Trust == nil) != (n < 3) {
				t.Errorf("%d %s images: %+v", n, name, m)
			}
			for i := range n {
				x, y, ok := m.Place(i)
				if !ok || slices.ContainsFunc(m.At[:2*i], func(v float32) bool { return v == x }) {
					t.Errorf("%d %s images: image %d lies at %v, %v", n, name, i, x, y)
				}
			}
		}
	}
}

// Images that are gone are not on the map; a stored map is given again until the images or the settings are others.
func TestStoredMap(t *testing.T) {
	items := collectiontest.Items(40)
	items[3].Gone, items[17].Gone = true, true
	path := filepath.Join(t.TempDir(), "c.udml")
	c := collectiontest.Make(t, path, 8, items)
	q := Request{Neighbours: 5, MinDist: 0.1, Epochs: 10}
	m, _ := find(t, c, q)
	if err := c.SetMap(m); err != nil {
		t.Fatal(err)
	}
	for i := range items {
		if _, _, ok := m.Place(i); ok == items[i].Gone || m.Images != 38 {
			t.Errorf("image %d is on the map: %t", i, ok)
		}
	}
	if again, made := find(t, c, q); made || *again.Trust != *m.Trust {
		t.Error("the stored map was not taken")
	}
	for name, other := range map[string]Request{
		"neighbours": {6, 0.1, 10, 0, nil}, "distance": {5, 0.2, 10, 0, nil}, "epochs": {5, 0.1, 11, 0, nil}, "seed": {5, 0.1, 10, 1, nil},
	} {
		if _, made := find(t, c, other); !made {
			t.Errorf("another %s: the stored map was taken", name)
		}
	}
	items[3].Gone = false
	if _, made := find(t, collectiontest.Make(t, path, 8, items), q); !made {
		t.Error("the map of other images was taken")
	}
}

// No images, and a stopped search.
func TestFindErrors(t *testing.T) {
	items := collectiontest.Items(3)
	for i := range items {
		items[i].Gone = true
	}
	dev := kernels.CPU()
	defer dev.Close()
	_, _, err := Find(context.Background(), dev, collectiontest.Of(t, items, make3(3)), Request{Neighbours: 2})
	if err == nil || !strings.Contains(err.Error(), "holds no images: all of them are gone") {
		t.Error(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	_, _, err = Find(ctx, dev, collectiontest.Of(t, collectiontest.Items(30), make3(30)), Request{Neighbours: 2})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func make3(n int) (rows []float32) {
	for i := range n {
		rows = append(rows, collectiontest.Row(uint64(i), 3)...)
	}
	return rows
}

// Rows that are not finite have places, and disturb none but themselves.
func TestRowsThatAreNotFinite(t *testing.T) {
	rows := make3(30)
	for k := range 3 {
		rows[3*7+k] = float32(math.NaN())
	}
	items := collectiontest.Items(30)
	m, _ := find(t, collectiontest.Of(t, items, rows), Request{Neighbours: 29, MinDist: 0.1})
	for i, v := range m.At {
		if math.IsNaN(float64(v - v)) {
			t.Errorf("image %d has no place", i/2)
		}
	}
}

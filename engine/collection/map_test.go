package collection

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"udml-gpu/models/weights/file"
)

// mapped6 is a collection of 6 images, of which two are gone, with a map.
func mapped6(t *testing.T) (*Collection, *Map) {
	t.Helper()
	path, _, _ := filled(t, 6)
	c, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := c.Map(); err == nil || !strings.Contains(err.Error(), "has no map yet: udml-gpu map") {
		t.Fatal(err)
	}
	trust := 0.75
	m := &Map{Method: "test-1", Images: 4, Neighbours: 3, MinDist: 0.1, Epochs: 7, Seed: 1 << 63, Trust: &trust}
	for i := range c.Items {
		x, y := float32(i), float32(2*i)
		if c.Items[i].Gone {
			x, y = float32(math.NaN()), float32(math.NaN())
		}
		m.At = append(m.At, x, y)
	}
	if err := c.SetMap(m); err != nil {
		t.Fatal(err)
	}
	return c, m
}

func TestMap(t *testing.T) {
	c, m := mapped6(t)
	got, err := c.Map()
	if err != nil {
		t.Fatal(err)
	}
	if got.Seed != m.Seed || *got.Trust != 0.75 || got.StartTrust != nil || got.Epochs != 7 || got.MinDist != 0.1 ||
		got.Method != "test-1" {
		t.Errorf("%+v", got)
	}
	for i := range c.Items {
		x, y, ok := got.Place(i)
		if ok == c.Items[i].Gone || ok && (x != float32(i) || y != float32(2*i)) {
			t.Errorf("image %d: %v, %v, %t", i, x, y, ok)
		}
	}
	if lo, hi := got.Bounds(); lo != [2]float32{0, 0} || hi != [2]float32{5, 10} {
		t.Errorf("bounds %v, %v", lo, hi)
	}
	unit := got.Unit()
	if want := []float32{0.25, 0}; !slices.Equal(unit[:2], want) || !slices.Equal(unit[10:], []float32{0.75, 1}) || unit[2] == unit[2] {
		t.Errorf("%v", unit)
	}
	if unit := (&Map{At: []float32{7, 7}}).Unit(); !slices.Equal(unit, []float32{0.5, 0.5}) {
		t.Errorf("one image lies at %v", unit)
	}
	if lo, hi := (&Map{}).Bounds(); lo != hi {
		t.Errorf("bounds of none: %v, %v", lo, hi)
	}
}

// A map that is not whole, or of other images, is one sentence that says what to do.
func TestBadMaps(t *testing.T) {
	rewrite := func(change func(m *Map)) func(c *Collection, m *Map) error {
		return func(c *Collection, m *Map) error { change(m); return c.SetMap(m) }
	}
	for name, try := range map[string]struct {
		do   func(c *Collection, m *Map) error
		want string
	}{
		"other items":   {func(c *Collection, _ *Map) error { c.Manifest.Items.SHA256 = "x"; return nil }, "is of other images"},
		"other vectors": {func(c *Collection, _ *Map) error { c.Manifest.Vectors.SHA256 = "x"; return nil }, "is of other images"},
		"short":         {func(c *Collection, _ *Map) error { return os.Truncate(filepath.Join(c.Path, mapFile), 40) }, "is damaged"},
		"another tensor": {func(c *Collection, m *Map) error {
			return file.Write(filepath.Join(c.Path, mapFile), &file.Weights{
				Metadata: map[string]string{mapAbout: "{}"}, Tensors: []file.Tensor{file.FromFloat32(mapTensor, m.At, len(m.At))},
			})
		}, "no two numbers for each image"},
		"says nothing": {func(c *Collection, m *Map) error {
			return file.Write(filepath.Join(c.Path, mapFile), &file.Weights{
				Tensors: []file.Tensor{file.FromFloat32(mapTensor, m.At, 6, 2)},
			})
		}, "does not say what it is of"},
		"fewer":    {rewrite(func(m *Map) { m.At = m.At[:10] }), "another number of images"},
		"a count":  {rewrite(func(m *Map) { m.Images = 5 }), "another number of images"},
		"infinite": {rewrite(func(m *Map) { m.At[0] = float32(math.Inf(1)) }), "a place is no number"},
		"far away": {rewrite(func(m *Map) { m.At[0] = math.MaxFloat32 }), "a place is no number"},
		"half":     {rewrite(func(m *Map) { m.At[1] = float32(math.NaN()) }), "a place is no number"},
		"gone":     {rewrite(func(m *Map) { m.At[2], m.At[3] = 0, 0 }), "that of an image that is gone"},
		"a folder": {func(c *Collection, _ *Map) error {
			if err := os.Remove(filepath.Join(c.Path, mapFile)); err != nil {
				return err
			}
			return os.Mkdir(filepath.Join(c.Path, mapFile), 0o777)
		}, "cannot be read"},
	} {
		c, m := mapped6(t)
		if err := try.do(c, m); err != nil {
			t.Fatal(name, err)
		}
		if _, err := c.Map(); err == nil || !strings.Contains(err.Error(), try.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", name, err, try.want)
		}
	}
}

// Whatever the file holds, what is read of it fits its items.
func FuzzMap(f *testing.F) {
	path := filepath.Join(f.TempDir(), "map")
	err := file.Write(path, &file.Weights{
		Metadata: map[string]string{mapAbout: `{"images":2}`},
		Tensors:  []file.Tensor{file.FromFloat32(mapTensor, []float32{1, 2, 3, 4}, 2, 2)},
	})
	if err != nil {
		f.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseMap(b)
		if err != nil || m.check(make([]Item, 2)) != nil {
			return
		}
		for _, v := range m.Unit() {
			if !(v >= 0 && v <= 1) {
				t.Errorf("%v", m.At)
			}
		}
	})
}

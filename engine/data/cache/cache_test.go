package cache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/datatest"
	"udml-gpu/kernels"
)

// openSet is all images of a folder.
func openSet(t testing.TB, dir string) *data.Set {
	t.Helper()
	s, err := data.Open(dir, data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s.Split("all")
}

// manyImages is a folder of n small images, ten in each class.
func manyImages(t testing.TB, n int) *data.Set {
	return openSet(t, datatest.Tree(t, datatest.NumberedImages(n)))
}

func TestBuild(t *testing.T) {
	set := manyImages(t, 33)
	var prints []string
	for _, o := range []Options{
		{RAM: 1 << 20, Workers: 1},
		{RAM: 1 << 20, Workers: 8},
		{RAM: 0, Workers: 3, Dir: t.TempDir()},
		{RAM: 1 << 20},
	} {
		o.Size, o.Channels, o.MaxBad = 6, 3, -1
		calls := 0
		o.Progress = func(done, total int) {
			if calls++; done != calls || total != 33 {
				t.Errorf("call %d: %d of %d", calls, done, total)
			}
		}
		c, err := Build(context.Background(), set, o)
		if err != nil {
			t.Fatal(err)
		}
		if c.Len() != 33 || c.ClassCount() != 4 || !c.Labelled() || c.Label(32) != 3 || c.Name(32) != "train/3/032.png" ||
			len(c.Labels()) != 33 {
			t.Fatalf("%d images, %d classes", c.Len(), c.ClassCount())
		}
		prints = append(prints, c.Fingerprint())
		if o.Dir != "" {
			if left, _ := os.ReadDir(o.Dir); len(left) != 0 {
				t.Fatalf("%v left in the cache folder", left)
			}
		}
		for range 2 {
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, p := range prints {
		if p != prints[0] || len(p) != 64 {
			t.Fatalf("fingerprints differ: %q", prints)
		}
	}
}

func TestFingerprintSeesEverything(t *testing.T) {
	seen := map[string]string{}
	for what, files := range map[string]map[string][]byte{
		"plain":  {"train/a/1.png": datatest.PNG(4, 4, 1), "train/b/2.png": datatest.PNG(4, 4, 2)},
		"pixels": {"train/a/1.png": datatest.PNG(4, 4, 1), "train/b/2.png": datatest.PNG(4, 4, 3)},
		"name":   {"train/a/1.png": datatest.PNG(4, 4, 1), "train/b/3.png": datatest.PNG(4, 4, 2)},
		"label":  {"train/a/1.png": datatest.PNG(4, 4, 1), "train/a/2.png": datatest.PNG(4, 4, 2)},
	} {
		c, err := Build(context.Background(), openSet(t, datatest.Tree(t, files)), Options{Size: 4, Channels: 1, RAM: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[c.Fingerprint()]; ok {
			t.Errorf("%s and %s have the same fingerprint", what, other)
		}
		seen[c.Fingerprint()] = what
	}
}

func TestDamagedImagesAreSkippedAndCounted(t *testing.T) {
	files := map[string][]byte{
		"c.jpg":    []byte("text"),
		"a.png":    nil,
		"d.png":    nil,
		"b.png":    {},
		"huge.png": datatest.PNGHeader(20000, 20000),
	}
	set := openSet(t, datatest.Tree(t, files))
	var warned []string
	o := Options{Size: 4, Channels: 1, RAM: 1 << 20, MaxBad: -1, Warn: func(name string, err error) { warned = append(warned, name) }}
	c, err := Build(context.Background(), set, o)
	if err != nil {
		t.Fatal(err)
	}
	if c.Len() != 2 || c.Name(0) != "a.png" || c.Name(1) != "d.png" || c.Pixels(1)[0] == 0 {
		t.Fatalf("%d images are left", c.Len())
	}
	if got := fmt.Sprint(warned); got != "[b.png c.jpg huge.png]" || len(c.Skipped()) != 3 ||
		!strings.Contains(c.Skipped()[2].Err.Error(), "20000x20000") {
		t.Fatal(got, c.Skipped())
	}
	datatest.WantError(t, c.WantImages(3), "2 image(s)", "at least 3")
	if c.WantImages(2) != nil || c.Labelled() {
		t.Fatal("two images: WantImages(2) fails, or there are labels")
	}
	o.MaxBad = 2
	_, err = Build(context.Background(), set, o)
	datatest.WantError(t, err, "more than 2 of 5", "--max-bad")
	_, err = Build(
		context.Background(),
		openSet(t, datatest.Tree(t, map[string][]byte{"x.png": datatest.PNGHeader(20000, 20000)})),
		Options{Size: 4, Channels: 1, MaxBad: -1},
	)
	datatest.WantError(t, err, "none of 1", "x.png", "20000x20000", "179000000 in all (--max-pixels)")
	if badLimit(-1, 10) != 5 || badLimit(-1, 10000) != 100 || badLimit(0, 10) != 0 {
		t.Fatal("badLimit")
	}
}

func TestBuildEnds(t *testing.T) {
	set := manyImages(t, 5)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Build(ctx, set, Options{Size: 4, Channels: 1}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	_, err := Build(context.Background(), set, Options{Size: 4, Channels: 1, Dir: "/no/such/folder"})
	datatest.WantError(t, err, "cache")
	for _, o := range []Options{{Size: 0, Channels: 1}, {Size: 4, Channels: 2}} {
		_, err := Build(context.Background(), set, o)
		datatest.WantError(t, err, "channels")
	}
	_, err = Build(context.Background(), nil, Options{})
	datatest.WantError(t, err, "no images")
}

func TestCentreCrops(t *testing.T) {
	c, err := Build(context.Background(), manyImages(t, 9), Options{Size: 7, Channels: 3, RAM: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	dst := kernels.CPU().New(kernels.Float32, 5, 4, 4, 3)
	c.CentreCrops(dst, 3, true)
	for i, got := range kernels.Data[float32](dst) {
		n, y, x, ch := i/48, i/12%4, i/3%4, i%3
		if want := float32(255-c.Pixels(3 + n)[((y+2)*7+x+2)*3+ch]) / 255; !(got == want) { // half of 3 is 2 in torchvision
			t.Fatalf("element %d is %g, want %g", i, got, want)
		}
	}
}

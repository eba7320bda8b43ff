package picture

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/cgo/turbojpeg"
	"udml-gpu/engine/data/datatest"
)

const imageDir = "../../../testdata/images"

// readPPM reads Pillow's pixels for an image, [h,w,3] or, when grey, [h,w].
func readPPM(t testing.TB, path string) (w, h int, pix []uint8) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var depth int
	var kind string
	if _, err := fmt.Sscanf(string(b[:min(len(b), 20)]), "%s\n%d %d\n%d\n", &kind, &w, &h, &depth); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	channels := map[string]int{"P5": 1, "P6": 3}[kind]
	return w, h, b[len(b)-channels*w*h:]
}

// rgbOf is the pixels of a decoded image as [h,w,3].
func rgbOf(im image.Image) []uint8 {
	r := im.Bounds()
	out := make([]uint8, 0, 3*r.Dx()*r.Dy())
	for y := range r.Dy() {
		for x := range r.Dx() {
			c := im.At(x, y)
			r, g, b, _ := c.RGBA()
			out = append(out, uint8(r>>8), uint8(g>>8), uint8(b>>8))
		}
	}
	return out
}

// wantPixels compares im with Pillow's pixels in the file at path; channels may differ by bound.
func wantPixels(t *testing.T, im image.Image, path string, bound int) {
	t.Helper()
	w, h, want := readPPM(t, path+".ppm")
	if im.Bounds() != image.Rect(0, 0, w, h) {
		t.Fatalf("bounds %v, want %dx%d", im.Bounds(), w, h)
	}
	for i, got := range rgbOf(im) {
		if d := int(got) - int(want[i]); d > bound || -d > bound {
			t.Fatalf("x %d, y %d, channel %d is %d, Pillow has %d", i/3%w, i/3/w, i%3, got, want[i])
		}
	}
}

// boundInGo is how far a channel of a JPEG decoded by Go may be from Pillow's: the inverse cosine transform rounds
// differently, by 1 in Y and in chroma, which the matrix turns into at most 3.
const boundInGo = 3

// needsTurbo tells, by a file's name, whether its kind of JPEG needs libjpeg-turbo.
func needsTurbo(name string) bool {
	for _, kind := range []string{
		"cb", "y", "arithmetic", "rgb_subsampled", "ink_unmarked", "restart_", "zeros_for_end", "early_end", "no_end",
	} {
		if strings.HasPrefix(name, kind) && strings.HasSuffix(name, ".jpg") {
			return true
		}
	}
	return false
}

// TestDecodeEqualsPillow compares every file with Pillow's pixels: common kinds, and under kinds/ the
// rare ones.
func TestDecodeEqualsPillow(t *testing.T) {
	for _, g := range []struct {
		folder string
		least  int
	}{{imageDir, 50}, {imageDir + "/kinds", 160}} {
		goldens, err := filepath.Glob(g.folder + "/*.ppm")
		if err != nil || len(goldens) < g.least {
			t.Fatalf("%d goldens in %s: %v", len(goldens), g.folder, err)
		}
		for _, golden := range goldens {
			path := strings.TrimSuffix(golden, ".ppm")
			t.Run(filepath.Base(path), func(t *testing.T) { equalsPillow(t, path) })
		}
	}
}

func equalsPillow(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	im, err := Decode(b, 0)
	if needsTurbo(filepath.Base(path)) && !turbojpeg.Available() {
		if err == nil || !strings.Contains(err.Error(), "needs libjpeg-turbo: apt-get install libturbojpeg0") {
			t.Errorf("without libjpeg-turbo: %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Base(path) == "wrong_codes.jpg" && !turbojpeg.Available() {
		t.Skip("only libjpeg-turbo continues after wrong codes as Pillow does: " + turbojpeg.Problem())
	}
	bound := 0
	if strings.HasSuffix(path, ".jpg") && !turbojpeg.Available() {
		bound = boundInGo
	}
	wantPixels(t, im, path, bound)
}

func TestDamagedImagesAreErrors(t *testing.T) {
	paths, _ := filepath.Glob(imageDir + "/damaged/*")
	if len(paths) < 8 {
		t.Fatalf("%d damaged images", len(paths))
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if im, err := Decode(b, 0); err == nil || strings.Contains(err.Error(), "runtime error") {
			t.Errorf("%s: %v, %v", path, im.Bounds(), err)
		}
	}
}

func TestLargeImagesAreRefusedByTheirHeader(t *testing.T) {
	for _, c := range []struct {
		w, h uint32
		says string
	}{
		{20000, 20000, "20000x20000 pixels, the limit is 179000000 in all (--max-pixels)"},
		{1, 70000, "limit is 65535 a side"},
		{1 << 30, 1 << 30, ""},
	} {
		if _, err := Decode(datatest.PNGHeader(c.w, c.h), 0); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%dx%d: %v", c.w, c.h, err)
		}
	}
}

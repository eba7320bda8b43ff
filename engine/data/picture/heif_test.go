package picture

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/cgo/heif"
	"udml-gpu/engine/data/picture/unread"
)

const heifDir = imageDir + "/heif"

func heifFiles(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, pattern := range []string{"/*.avif", "/*.heic"} {
		paths, err := filepath.Glob(heifDir + pattern)
		if err != nil || len(paths) < 8 {
			t.Fatalf("%d files %s: %v", len(paths), pattern, err)
		}
		for _, path := range paths {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.Base(path)] = b
		}
	}
	return files
}

// boundOfHEIF is how far a channel may be from Pillow's: the steps from luma and chroma to RGB round differently, and where
// libheif gives only RGB, the conversion goes there and back.
const boundOfHEIF = 3

func TestHEIFEqualsPillow(t *testing.T) {
	for name, b := range heifFiles(t) {
		t.Run(name, func(t *testing.T) {
			im, err := Decode(b, 0)
			var needs *unread.Error
			if errors.As(err, &needs) {
				t.Skipf("libheif: %s %s", needs, heif.Problem())
			}
			if err != nil {
				t.Fatal(err)
			}
			wantPixels(t, im, filepath.Join(heifDir, name), boundOfHEIF)
		})
	}
}

// TestHEIFNeedsLibrary: without libheif the files are still recognised and named.
func TestHEIFNeedsLibrary(t *testing.T) {
	if heif.Available() {
		return // tested by TestWithoutLibraries
	}
	for name, b := range heifFiles(t) {
		want := strings.ToUpper(filepath.Ext(name)[1:]) + " needs libheif: apt-get install libheif1"
		if _, err := Decode(b, 0); errorText(err) != want {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// TestHEIFNeedsDecoder: where libheif lacks one decoder, files of that kind are left out by their names, and the others read.
func TestHEIFNeedsDecoder(t *testing.T) {
	defer func() { hasDecoder = heif.Has }()
	for _, has := range []heif.Codec{heif.HEVC, heif.AV1} {
		hasDecoder = func(c heif.Codec) bool { return c == has }
		for name, want := range map[string]bool{
			"a.HEIC": has == heif.HEVC, "a.hif": has == heif.HEVC, "a.avif": has == heif.AV1, "a.png": true,
		} {
			ext := strings.ToLower(filepath.Ext(name))
			if got := !LacksDecoder(ext); heif.Available() && got != want || !heif.Available() && !got {
				t.Errorf("%s has a decoder: %v", name, got)
			}
			if got := IsName(name); got != want && heif.Available() || !IsPictureName(name) {
				t.Errorf("%s is read: %v", name, got)
			}
		}
	}
}

// TestHEIFDamaged: files cut off in their boxes or in their pixels.
func TestHEIFDamaged(t *testing.T) {
	for name, b := range heifFiles(t) {
		for _, n := range []int{16, 40, 100, 300, len(b) - len(b)/4} {
			if name == "pages.avif" && n > 300 {
				continue // its first page is complete
			}
			if _, err := Decode(b[:n], 0); err == nil {
				t.Errorf("%s cut to %d of %d bytes is an image", name, n, len(b))
			}
		}
	}
}

// TestHEIFBrands: only files with brands of pictures are recognised.
func TestHEIFBrands(t *testing.T) {
	for text, want := range map[string]string{
		"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic": "HEIC", "\x00\x00\x00\x14ftypmif1\x00\x00\x00\x00avif": "AVIF",
		"\x00\x00\x00\x14ftypmif1\x00\x00\x00\x00miaf": "HEIC", "\x00\x00\x00\x14ftypisom\x00\x00\x00\x00mp42": "",
		"\x00\x00\x00\x10ftypisomheic":                     "",
		"\x00\x00\x00\x14ftypisom\x00\x00\x00\x00mp42heic": "", "\x00\x00\x00\x18ftyp": "", "\xff\xff\xff\xffftypisom\x00\x00\x00\x00": "",
	} {
		got := ""
		if b := []byte(text); isAVIF(b) {
			got = "AVIF"
		} else if isHEIC(b) {
			got = "HEIC"
		}
		if got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestColourMatrix(t *testing.T) {
	for _, c := range []struct {
		matrix  int
		full    bool
		bits    int
		samples [3]int
		want    [3]uint8
	}{
		{6, true, 8, [3]int{255, 128, 128}, [3]uint8{255, 255, 255}},
		{6, true, 8, [3]int{76, 85, 255}, [3]uint8{254, 0, 0}},
		{1, false, 8, [3]int{16, 128, 128}, [3]uint8{0, 0, 0}},
		{1, false, 8, [3]int{63, 102, 240}, [3]uint8{255, 1, 0}},
		{9, false, 10, [3]int{940, 512, 512}, [3]uint8{255, 255, 255}},
		{0, true, 8, [3]int{10, 20, 30}, [3]uint8{30, 10, 20}},
		{8, true, 8, [3]int{100, 138, 108}, [3]uint8{70, 110, 110}},
		{6, true, 12, [3]int{2048, 2048, 2048}, [3]uint8{128, 128, 128}},
	} {
		var got [4]uint8
		newColourMatrix(&heif.Picture{Matrix: c.matrix, Full: c.full}, c.bits).convert(got[:], c.samples[0], c.samples[1], c.samples[2])
		if got != [4]uint8{c.want[0], c.want[1], c.want[2], 255} {
			t.Errorf("matrix %d, full %v, %d bits: %v is %v, want %v", c.matrix, c.full, c.bits, c.samples, got, c.want)
		}
	}
}

// FuzzHEIF: any bytes give an image or an error.
func FuzzHEIF(f *testing.F) {
	for _, b := range heifFiles(f) {
		f.Add(b)
	}
	const maxPixels = 1 << 16
	f.Fuzz(func(t *testing.T, b []byte) {
		if !isHEIC(b) && !isAVIF(b) {
			return
		}
		if im, err := Decode(b, maxPixels); err == nil && int64(im.Bounds().Dx())*int64(im.Bounds().Dy()) > maxPixels {
			t.Fatalf("bounds %v", im.Bounds())
		}
	})
}

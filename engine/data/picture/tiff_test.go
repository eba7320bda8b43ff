package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/cgo/heif"
	"udml-gpu/cgo/tiff"
	"udml-gpu/engine/data/picture/tifffile"
	"udml-gpu/engine/data/picture/unread"
)

const tiffDir = imageDir + "/tiff"

// tiffFiles are the test files of a folder below testdata/images/tiff, by name.
func tiffFiles(t testing.TB, folder string, least int) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(tiffDir, folder, "*.tif"))
	if err != nil || len(paths) < least {
		t.Fatalf("%d files in %s/%s, expected %d: %v", len(paths), tiffDir, folder, least, err)
	}
	files := map[string][]byte{}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = b
	}
	return files
}

// boundOfTIFF is how far a channel may be from Pillow's. Lossless files have equal pixels. Lab goes through a table of Little CMS,
// whose 16-bit entries are computed in single precision: one level. JPEG is decoded by the libjpeg that libtiff uses: its inverse
// transform may round differently, by one in each of the channels that become RGB (boundInGo).
func boundOfTIFF(name string) int {
	switch {
	case strings.Contains(name, "jpeg"):
		return boundInGo
	case strings.HasPrefix(name, "lab"):
		return 1
	}
	return 0
}

// TestTIFFEqualsPillow: every kind that Pillow reads, with the decoders of this machine. Without libtiff, kinds that Go's libraries do
// not decode must name it, and nothing else may fail.
func TestTIFFEqualsPillow(t *testing.T) {
	for name, b := range tiffFiles(t, "", 90) {
		t.Run(name, func(t *testing.T) {
			im, err := Decode(b, 0)
			var needs *unread.Error
			if errors.As(err, &needs) && !tiff.Available() {
				t.Skipf("libtiff: %s", tiff.Problem())
			}
			if err != nil {
				if strings.Contains(err.Error(), "was built without") {
					t.Skip(err)
				}
				t.Fatal(err)
			}
			wantPixels(t, im, filepath.Join(tiffDir, name), boundOfTIFF(name))
		})
	}
}

// TestTIFFNeedsLibrary: these kinds and no others need libtiff, and their message says what to install.
func TestTIFFNeedsLibrary(t *testing.T) {
	if tiff.Available() {
		return // tested by TestWithoutLibraries
	}
	left := map[string]string{
		"rgbjpeg.tif": "JPEG compression", "greyjpeg.tif": "JPEG compression", "cmykjpeg.tif": "JPEG compression",
		"oldjpeg.tif": "YCbCr colours and old-style JPEG compression", "rgblzma.tif": "LZMA compression",
		"rgbzstd.tif":     "Zstandard compression",
		"bitmapccitt.tif": "CCITT run-length compression", "bitmapccittwhite.tif": "CCITT run-length compression",
		"ycbcr11.tif": "YCbCr colours and deflate compression", "ycbcr21.tif": "YCbCr colours and deflate compression",
		"ycbcr22.tif": "YCbCr colours and deflate compression", "ycbcr42.tif": "YCbCr colours and deflate compression",
	}
	for name, b := range tiffFiles(t, "", 90) {
		_, err := Decode(b, 0)
		what, want := left[name], ""
		if what != "" {
			want = "TIFF with " + what + " needs libtiff: apt-get install libtiff6"
		}
		if got := errorText(err); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestTIFFUnread: unsupported kinds are named and not called damaged.
func TestTIFFUnread(t *testing.T) {
	want := map[string]string{
		"float3.tif":      "TIFF with RGB of 3 x 32 bits (sample format 3) is not read",
		"bands.tif":       "TIFF with grey with 3 samples a pixel and extra samples of kind [] is not read",
		"icclab.tif":      "TIFF with ICC Lab of 3 x 8 bits (sample format 1) is not read",
		"filterarray.tif": "TIFF with a colour filter array of 1 x 8 bits (sample format 1) is not read",
		"bits565.tif":     "TIFF with bits a sample that differ between samples ([5 6 5]) is not read",
		"compression.tif": "TIFF with compression of kind 33003 is not read",
	}
	for name, b := range tiffFiles(t, "unread", len(want)) {
		if _, err := Decode(b, 0); errorText(err) != want[name] {
			t.Errorf("%s: %v, want %q", name, err, want[name])
		}
	}
}

// TestTIFFDamaged: files that end too early, and directories with contradictions.
func TestTIFFDamaged(t *testing.T) {
	for name, b := range tiffFiles(t, "damaged", 6) {
		_, err := Decode(b, 0)
		if err == nil || strings.Contains(err.Error(), "runtime error") || strings.Contains(err.Error(), "not read") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, b := range tiffFiles(t, "", 90) {
		for _, n := range []int{0, 1, 4, 7, 8, 9, 15, 20, 60} {
			if _, err := Decode(b[:n], 0); err == nil {
				t.Errorf("%s cut to %d bytes is an image", name, n)
			}
		}
	}
}

// TestLargeTIFFsAreRefusedByTheirHeader: the message is the same as for other formats.
func TestLargeTIFFsAreRefusedByTheirHeader(t *testing.T) {
	b := tiffFiles(t, "", 90)["onestrip.tif"]
	for says, c := range map[string]struct{ w, h uint16 }{"60001x60000 pixels, the limit is": {60001, 60000}, "no size": {0, 5}} {
		b := bytes.Clone(b) // its first two entries are the width and the height, each of one SHORT
		binary.LittleEndian.PutUint16(b[8+2+8:], c.w)
		binary.LittleEndian.PutUint16(b[8+2+12+8:], c.h)
		if _, err := Decode(b, 0); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%dx%d: %v", c.w, c.h, err)
		}
	}
}

// TestWithoutLibraries runs the tests of TIFF, HEIC and AVIF files again in a process that opens neither library, as on a machine
// without them.
func TestWithoutLibraries(t *testing.T) {
	if !tiff.Available() && !heif.Available() {
		return // this is that process
	}
	again := exec.Command(os.Args[0], "-test.run=^Test(TIFF|HEIF)")
	again.Env = append(os.Environ(), tiff.OffVariable+"=1", heif.OffVariable+"=1")
	if out, err := again.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// TestDecodersAreNamed: images kept for later runs are made again when the decoders change.
func TestDecodersAreNamed(t *testing.T) {
	for _, want := range []string{"jpeg by " + JPEGDecoder(), "tiff by " + TIFFDecoder(), "heif by " + HEIFDecoder()} {
		if !strings.Contains(Decoders(), want) {
			t.Errorf("%q does not name %q", Decoders(), want)
		}
	}
	if (TIFFDecoder() == "go") != (TIFFProblem() != "") || (HEIFDecoder() == "none") != (HEIFProblem() != "") {
		t.Errorf("%q, %q; %q, %q", TIFFDecoder(), TIFFProblem(), HEIFDecoder(), HEIFProblem())
	}
}

// FuzzTIFF: any bytes give an image of the size in the header, or an error.
func FuzzTIFF(f *testing.F) {
	for _, folder := range []string{"", "damaged", "unread"} {
		for _, b := range tiffFiles(f, folder, 6) {
			f.Add(b)
		}
	}
	const maxPixels = 1 << 16 // so that the fuzzer spends its time on headers and not on pixels
	f.Fuzz(func(t *testing.T, b []byte) {
		if !tifffile.Is(b) {
			return
		}
		im, err := Decode(b, maxPixels)
		if err != nil {
			return
		}
		_, size, err := header(b, maxPixels)
		if r := im.Bounds(); err != nil || r.Dx()*r.Dy() != size.X*size.Y || r.Dx() != size.X && r.Dx() != size.Y {
			t.Fatalf("bounds %v of an image of %v: %v", r, size, err)
		}
	})
}

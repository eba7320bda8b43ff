package picture

import (
	"bytes"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/cgo/turbojpeg"
	"udml-gpu/engine/data/picture/jpegfile"
)

// jpegFiles are the JPEG files among the test images, valid and damaged, by path.
func jpegFiles(t testing.TB) map[string][]byte {
	files := map[string][]byte{}
	for _, pattern := range []string{"/*.jpg", "/damaged/*.jpg"} { // those of kinds/ differ with and without the library
		paths, err := filepath.Glob(imageDir + pattern)
		if err != nil || len(paths) < 4 {
			t.Fatalf("%d files %s: %v", len(paths), pattern, err)
		}
		for _, path := range paths {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files[path] = b
		}
	}
	return files
}

// TestTurboTakesPlainFiles: where the library is installed, it decodes every sequential file in colour or grey, so that
// TestDecodeEqualsPillow compares its pixels with Pillow's exactly.
func TestTurboTakesPlainFiles(t *testing.T) {
	if !turbojpeg.Available() {
		t.Skip(turbojpeg.Problem())
	}
	for path, b := range jpegFiles(t) {
		name := filepath.Base(path)
		inGo := strings.HasPrefix(name, "progressive") || name == "cmyk.jpg" || strings.Contains(path, "damaged")
		if took := decodeTurbo(b) != nil; took == inGo {
			t.Errorf("%s: libjpeg-turbo has decoded it: %v", name, took)
		}
	}
}

// TestGoDecodesAsPillow tests Go's decoder, which is used without the library, on machines that have the library too.
func TestGoDecodesAsPillow(t *testing.T) {
	for path, b := range jpegFiles(t) {
		if strings.Contains(path, "damaged") {
			continue
		}
		im, err := decodeJPEGInGo(b)
		if err != nil {
			t.Fatal(err)
		}
		wantPixels(t, upright(im, jpegOrientation(b)), path, boundInGo)
	}
}

// wantTakenAlike checks that with and without the library a file is accepted alike, with the same size. Files that the library does
// not decode are decoded by Go in either case.
func wantTakenAlike(t *testing.T, b []byte) (taken bool) {
	t.Helper()
	inGo, err := decodeJPEGInGo(b)
	im := decodeTurbo(b)
	if im != nil && err != nil {
		t.Fatalf("decoded with the library, refused in Go: %v", err)
	}
	if im != nil && im.Bounds() != inGo.Bounds() {
		t.Fatalf("%v with the library, %v in Go", im.Bounds(), inGo.Bounds())
	}
	return err == nil
}

// TestTakenAlike: valid and damaged files, files cut off, and files with a changed byte.
func TestTakenAlike(t *testing.T) {
	taken, refused := 0, 0
	count := func(b []byte) {
		if wantTakenAlike(t, b) {
			taken++
		} else {
			refused++
		}
	}
	for path, b := range jpegFiles(t) {
		count(b)
		if name := filepath.Base(path); name != "baseline420.jpg" && name != "noise420.jpg" && name != "noisegrey.jpg" {
			continue
		}
		for i := 2; i < len(b); i += 1 + len(b)/200 {
			count(b[:i])
			changed := bytes.Clone(b)
			for _, with := range []byte{0x01, 0x10, 0xff} {
				changed[i] = b[i] ^ with
				if c, err := sizeOfJPEG(changed); err == nil && c <= 1<<16 {
					count(changed)
				}
			}
		}
	}
	if taken < 100 || refused < 100 {
		t.Errorf("%d files were accepted and %d refused: the cases test nothing", taken, refused)
	}
}

// sizeOfJPEG is the number of pixels that a file claims to have.
func sizeOfJPEG(b []byte) (int, error) {
	_, size, err := header(b, 0)
	return size.X * size.Y, err
}

// TestManyScansAreRefused: scans of a progressive file cost time without costing bytes.
func TestManyScansAreRefused(t *testing.T) {
	b, err := os.ReadFile(imageDir + "/progressive444.jpg")
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndex(b, []byte{0xff, 0xda})
	scan, end := b[at:len(b)-2], b[len(b)-2:]
	b = append(bytes.Clone(b[:at]), append(bytes.Repeat(scan, maxScans), end...)...)
	if _, err := Decode(b, 0); err == nil || !strings.Contains(err.Error(), "scans, the limit is 100") {
		t.Errorf("a file of many scans: %v", err)
	}
}

// TestBrokenOffIsRefused: a file that ends before its image does is refused, even if libjpeg could use a part of it.
func TestBrokenOffIsRefused(t *testing.T) {
	for _, name := range []string{"baseline420.jpg", "restart420.jpg", "grey.jpg", "progressive444.jpg", "kinds/arithmetic.jpg"} {
		b, err := os.ReadFile(imageDir + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, cut := range []int{len(b) / 2, len(b) - 60, len(b) - 20} {
			if _, err := Decode(b[:cut], 0); err == nil {
				t.Errorf("%s: the first %d of %d bytes are an image", name, cut, len(b))
			}
		}
	}
}

// TestJPEGKindsAreNamed: kinds that no decoder reads are not called damaged.
func TestJPEGKindsAreNamed(t *testing.T) {
	whole, err := os.ReadFile(imageDir + "/baseline420.jpg")
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(whole, []byte{0xff, 0xc0})
	for want, change := range map[string]func(b []byte){
		"JPEG with 12 bits a sample is not read":    func(b []byte) { b[at+4] = 12 },
		"JPEG with lossless coding is not read":     func(b []byte) { b[at+1] = 0xc3 },
		"JPEG with hierarchical coding is not read": func(b []byte) { b[at+1] = 0xc5 },
		"JPEG with 2 components is not read":        func(b []byte) { b[at+9] = 2 },
	} {
		b := bytes.Clone(whole)
		change(b)
		if _, err := Decode(b, 0); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// FuzzJPEG: any bytes are decoded alike with and without the library, or refused, or repaired to an image of the size in
// the header.
func FuzzJPEG(f *testing.F) {
	for _, b := range jpegFiles(f) {
		f.Add(b)
	}
	kinds, _ := filepath.Glob(imageDir + "/kinds/*.jpg")
	for _, path := range kinds {
		if b, err := os.ReadFile(path); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if pixels, err := sizeOfJPEG(b); err != nil || pixels > 1<<18 {
			return // refused, or too large to fuzz
		}
		if b[0] != 0xff || b[1] != 0xd8 {
			return
		}
		wantTakenAlike(t, b)
		o := jpegfile.OutlineOf(b)
		if im, err := decodeJPEG(b); err == nil && im.Bounds() != image.Rect(0, 0, o.Width, o.Height) {
			t.Fatalf("%v of a file of %dx%d", im.Bounds(), o.Width, o.Height)
		}
	})
}

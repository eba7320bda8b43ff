package jpegfile

import (
	"bytes"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const imageDir = "../../../../testdata/images"

// files are the JPEG files of the test images, by name.
func files(t testing.TB) map[string][]byte {
	paths, err := filepath.Glob(imageDir + "/*.jpg")
	if err != nil || len(paths) < 30 {
		t.Fatalf("%d JPEG files in %s: %v", len(paths), imageDir, err)
	}
	all := map[string][]byte{}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(path)] = b
	}
	return all
}

// TestPlain: all sequential files of one or three components are plain, with the size that Go's decoder sees.
func TestPlain(t *testing.T) {
	for name, b := range files(t) {
		f, plain := Plain(b)
		if want := !strings.HasPrefix(name, "progressive") && name != "cmyk.jpg"; plain != want {
			t.Errorf("%s: plain is %v", name, plain)
		}
		c, err := jpeg.DecodeConfig(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if components := map[bool]int{true: 1, false: 3}[strings.Contains(name, "grey")]; plain &&
			f != (Frame{c.Width, c.Height, components}) {
			t.Errorf("%s: %+v, Go's decoder sees %dx%d", name, f, c.Width, c.Height)
		}
	}
}

func TestScans(t *testing.T) {
	all := files(t)
	for name, want := range map[string]int{"baseline420.jpg": 1, "restart420.jpg": 1, "progressive420.jpg": 10} {
		if got := OutlineOf(all[name]).Scans; got != want {
			t.Errorf("%s has %d scans, want %d", name, got, want)
		}
	}
	if got := OutlineOf(all["progressive420.jpg"][:400]).Scans; got > 9 {
		t.Errorf("the first bytes of a file have %d scans", got)
	}
}

// TestDamagedIsNotPlain: a plain file is no longer plain when it is cut anywhere or something is inserted.
func TestDamagedIsNotPlain(t *testing.T) {
	all := files(t)
	for _, name := range []string{"baseline420.jpg", "grey.jpg", "restart420.jpg", "rgb.jpg"} {
		b := all[name]
		for n := range len(b) {
			if _, plain := Plain(b[:n]); plain {
				t.Errorf("%s: its first %d bytes are plain", name, n)
			}
		}
		middle := bytes.LastIndex(b, []byte{0xff, sos}) + 40
		for what, damaged := range map[string][]byte{
			"less":    append(bytes.Clone(b[:middle]), b[len(b)-2:]...),
			"more":    append(bytes.Clone(b[:middle]), b[middle-20:]...),
			"restart": append(append(bytes.Clone(b[:middle]), 0xff, rst0), b[middle:]...),
			"garbage": append(bytes.Clone(b[:2]), append([]byte{0}, b[2:]...)...),
		} {
			if _, plain := Plain(damaged); plain {
				t.Errorf("%s: plain with %s data", name, what)
			}
		}
	}
}

// goTakes checks that Go's decoder reads b with the same size if it is plain.
func goTakes(t *testing.T, b []byte) (plain bool) {
	t.Helper()
	f, plain := Plain(b)
	if !plain {
		return false
	}
	im, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("Go's decoder refuses a plain file: %v", err)
	}
	if size := im.Bounds().Size(); size.X != f.Width || size.Y != f.Height {
		t.Fatalf("%+v, Go's decoder sees %v", f, size)
	}
	return true
}

// TestEveryByteChanged changes every byte, as a fuzzer would first. Most files stay plain, with other pixels; the rest show that
// the test can fail.
func TestEveryByteChanged(t *testing.T) {
	all := files(t)
	for _, name := range []string{"baseline420.jpg", "optimised422.jpg", "restart420.jpg", "noisegrey.jpg"} {
		b, plain, tried := all[name], 0, 0
		for i := 0; i < len(b); i += 1 + len(b)/300 {
			for _, with := range []byte{0x01, 0x80, 0xff} {
				b[i] ^= with
				if goTakes(t, b) {
					plain++
				}
				b[i] ^= with
				tried++
			}
		}
		if plain == 0 || plain == tried {
			t.Errorf("%s: %d of %d changed files are plain", name, plain, tried)
		}
	}
}

// FuzzPlain: Go's decoder reads all bytes that are plain.
func FuzzPlain(f *testing.F) {
	for _, b := range files(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, plain := Plain(b); plain && p.Width*p.Height > 1<<22 {
			return // too slow in Go's decoder
		}
		goTakes(t, b)
		OutlineOf(b)
	})
}

// Package readertest holds the tests shared by the packages that read one kind of image file.
package readertest

import (
	"bytes"
	"image"
	"os"
	"path/filepath"
	"testing"
)

// Reader is a package that reads a kind of file.
type Reader struct {
	Extension string
	Config    func(b []byte) (image.Config, error)
	Decode    func(b []byte) (image.Image, error)
}

// Files are the test images of the kind by name, valid and damaged.
func (r Reader) Files(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, folder := range []string{"", "kinds", "damaged"} {
		paths, err := filepath.Glob(filepath.Join("../../../../testdata/images", folder, "*"+r.Extension))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all[filepath.Base(path)] = b
		}
	}
	if len(all) < 10 {
		t.Fatalf("%d files of %s", len(all), r.Extension)
	}
	return all
}

// WantBounded checks that b gives an image of the size in its header, or an error, and no panic. Large images are
// skipped: they are decoded in the same way.
func (r Reader) WantBounded(t testing.TB, b []byte) (taken bool) {
	t.Helper()
	c, err := r.Config(b)
	if err != nil || c.Width < 1 || c.Height < 1 || c.Width > 1<<18 || c.Height > 1<<18 || c.Width*c.Height > 1<<18 {
		return false
	}
	im, err := r.Decode(b)
	if err == nil && im.Bounds() != image.Rect(0, 0, c.Width, c.Height) {
		t.Fatalf("%v of a file of %dx%d", im.Bounds(), c.Width, c.Height)
	}
	return err == nil
}

// CutAndChanged checks this for every file cut off anywhere, or with one byte changed.
func (r Reader) CutAndChanged(t *testing.T) {
	taken, refused := 0, 0
	for _, b := range r.Files(t) {
		for i := 0; i < len(b); i += 1 + len(b)/40 {
			changed := bytes.Clone(b)
			changed[i] ^= 0x41
			for _, part := range [][]byte{b[:i], changed} {
				if r.WantBounded(t, part) {
					taken++
				} else {
					refused++
				}
			}
		}
	}
	if taken < 50 || refused < 50 {
		t.Errorf("%d files were accepted and %d refused: the cases test nothing", taken, refused)
	}
}

// Fuzz checks it for any bytes.
func (r Reader) Fuzz(f *testing.F) {
	for _, b := range r.Files(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { r.WantBounded(t, b) })
}

package picture

import (
	"image"
	"os"
	"path/filepath"
	"testing"

	"udml-gpu/engine/data/datatest"
)

// seeds adds every test image and damaged file to a fuzz target.
func seeds(f *testing.F) {
	for _, pattern := range []string{"/*", "/damaged/*", "/kinds/*"} {
		paths, _ := filepath.Glob(imageDir + pattern)
		for _, path := range paths {
			if b, err := os.ReadFile(path); err == nil && filepath.Ext(path) != ".ppm" {
				f.Add(b)
			}
		}
	}
}

// FuzzDecode: any bytes give an image within the limits or an error.
func FuzzDecode(f *testing.F) {
	seeds(f)
	f.Add(datatest.PNGHeader(20000, 20000))
	const maxPixels = 1 << 20 // so that the fuzzer spends its time on headers and not on pixels
	f.Fuzz(func(t *testing.T, b []byte) {
		im, err := Decode(b, maxPixels)
		if err != nil {
			return
		}
		r := im.Bounds()
		if r.Min != (image.Point{}) || r.Dx() < 1 || r.Dy() < 1 || int64(r.Dx())*int64(r.Dy()) > maxPixels {
			t.Fatalf("bounds %v", r)
		}
		NewResizer(Target{Size: 3, Channels: 3}).To(make([]uint8, 27), im)
		NewResizer(Target{Size: 3, Channels: 1, ResizeMode: "shorter", Interpolation: "bicubic"}).To(make([]uint8, 9), im)
	})
}

// FuzzExif: any bytes have an orientation of 1 to 8, read as any kind of file.
func FuzzExif(f *testing.F) {
	seeds(f)
	bare := func(b []byte) int { return orientationOf(b, nil) }
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, read := range []func([]byte) int{jpegOrientation, pngOrientation, webpOrientation, bare} {
			if o := read(b); o < 1 || o > 8 {
				t.Fatalf("orientation %d", o)
			}
		}
	})
}

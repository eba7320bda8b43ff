package bmpfile

import (
	"errors"
	"testing"

	"udml-gpu/engine/data/picture/readertest"
	"udml-gpu/engine/data/picture/unread"
)

var reader = readertest.Reader{Extension: ".bmp", Config: Config, Decode: Decode}

func TestCutAndChanged(t *testing.T) { reader.CutAndChanged(t) }

// FuzzDecode: any bytes give an image of the size in the header, or an error.
func FuzzDecode(f *testing.F) { reader.Fuzz(f) }

// TestUnreadKindsAreNamed: an unsupported kind is not called damaged.
func TestUnreadKindsAreNamed(t *testing.T) {
	whole := reader.Files(t)["rgb565_108.bmp"]
	for _, c := range []struct {
		at    int
		bytes string
		want  string
	}{
		{14, "\x10", "BMP with a header of 16 bytes is not read"},
		{28, "\x02", "BMP with 2 bits a pixel is not read"},
		{30, "\x04", "BMP with a JPEG or PNG file inside is not read"},
		{30, "\x05", "BMP with a JPEG or PNG file inside is not read"},
		{30, "\x06", "BMP with compression 6 is not read"},
		{30, "\x01", "BMP with compression 1 of 16 bits a pixel is not read"},
		{54, "\x05", "BMP with gaps in the colour mask 0xf805 is not read"},
	} {
		b := append([]byte{}, whole...)
		copy(b[c.at:], c.bytes)
		_, err := Config(b)
		var kind *unread.Error
		if !errors.As(err, &kind) || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// TestLargeSizes: Config gives sides as stored, even if no memory could hold the image.
func TestLargeSizes(t *testing.T) {
	b := append([]byte{}, reader.Files(t)["rgb.bmp"]...)
	copy(b[18:], "\xff\xff\xff\xff\xff\xff\xff\x7f")
	if c, err := Config(b); err != nil || c.Width != 1<<32-1 || c.Height != 1<<31-1 {
		t.Errorf("%+v, %v", c, err)
	}
}

package giffile

import (
	"testing"

	"udml-gpu/engine/data/picture/readertest"
)

var reader = readertest.Reader{Extension: ".gif", Config: Config, Decode: Decode}

func TestCutAndChanged(t *testing.T) { reader.CutAndChanged(t) }

// FuzzDecode: any bytes give an image of the size in the header, or an error.
func FuzzDecode(f *testing.F) { reader.Fuzz(f) }

// TestRefused: each damaged file is refused with its reason.
func TestRefused(t *testing.T) {
	whole := reader.Files(t)["no_palette.gif"] // header of 13 bytes, frame of 10, codes
	for want, b := range map[string][]byte{
		"it ends within the header":                       whole[:12],
		"it ends before an image":                         whole[:13],
		"it holds no image":                               append(append([]byte{}, whole[:13]...), ';'),
		"it ends within the header of a frame":            whole[:20],
		"GIF with codes for pixels of 1 bits is not read": append(append([]byte{}, whole[:23]...), 1, 0),
		"the file breaks off before the end of the image": whole[:40],
	} {
		_, err := Decode(b)
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

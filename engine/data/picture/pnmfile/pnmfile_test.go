package pnmfile

import (
	"testing"

	"udml-gpu/engine/data/picture/readertest"
)

var reader = readertest.Reader{Extension: ".pnm", Config: Config, Decode: Decode}

func TestCutAndChanged(t *testing.T) { reader.CutAndChanged(t) }

// FuzzDecode: any bytes give an image of the size in the header, or an error.
func FuzzDecode(f *testing.F) { reader.Fuzz(f) }

// TestRefused: each damaged file is refused with its reason.
func TestRefused(t *testing.T) {
	for b, want := range map[string]string{
		"P7\nWIDTH 1\n":          "PNM with the header of PAM (P7) is not read",
		"PF\n1 1\n-1.0\n":        "PNM with floating point (PFM) is not read",
		"P5\n1 1\n0\n\x00":       "its maximum is 0, expected 1 to 65535",
		"P5\n1 1\n65536\n\x00":   "its maximum is 65536, expected 1 to 65535",
		"P5\n1 1":                "the file breaks off before the end of the image",
		"P5\n1 x 255\n\x00":      "found 'x', expected a number of at most 10 digits",
		"P5\n12345678901 1 255 ": "found '1', expected a number of at most 10 digits",
		"P6\n2 2\n255\n12345":    "the file breaks off before the end of the image",
		"P4\n9 1\n1":             "the file breaks off before the end of the image",
		"P1\n2 1\n2 1":           "found '2', expected 0 or 1",
		"P2\n2 1\n7\n8 1":        "the value 8 is above the maximum 7",
		"P2\n2 1\n7\n1 #":        "the file breaks off before the end of the image",
		"P1\n2 1\n0#":            "the file breaks off before the end of the image",
		"P8\n":                   "it does not start as P1 to P6",
	} {
		if _, err := Decode([]byte(b)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", b, err, want)
		}
	}
}

package pngfile

import (
	"bytes"
	"compress/zlib"
	"testing"

	"udml-gpu/engine/data/picture/readertest"
)

var reader = readertest.Reader{Extension: ".png", Config: Config, Decode: Decode}

func TestCutAndChanged(t *testing.T) { reader.CutAndChanged(t) }

// FuzzDecode: any bytes give an image of the size in the header, or an error.
func FuzzDecode(f *testing.F) { reader.Fuzz(f) }

// TestRefused: missing or damaged parts are an error and not replaced.
func TestRefused(t *testing.T) {
	whole := reader.Files(t)["no_end.png"] // signature of 8 bytes, header of 25, pixels
	edit := func(at int, with byte) []byte {
		b := append([]byte{}, whole...)
		b[at] ^= with
		return b
	}
	for want, b := range map[string][]byte{
		"it has no header": edit(20, 1),
		"the file breaks off before the end of the image": whole[:len(whole)-40],
		"png: unsupported feature: bit depth 9, color type 2": append(append(append([]byte{}, whole[:8]...),
			chunkOf("IHDR", func(p []byte) []byte {
				p = append([]byte{}, p...)
				p[8] = 9
				return p
			}(whole[16:29]))...), whole[33:]...),
	} {
		if _, err := Config(b); err == nil {
			_, err = Decode(b)
			if err == nil || err.Error() != want {
				t.Errorf("%v, want %s", err, want)
			}
		} else if err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func chunkOf(kind string, payload []byte) []byte {
	var b bytes.Buffer
	if err := writeChunk(&b, kind, payload); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// TestUnpackingIsBounded: a text that unpacks to more than the limit is cut.
func TestUnpackingIsBounded(t *testing.T) {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	if _, err := w.Write(make([]byte, 4*longestText)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if n := len(unpacked(append([]byte{0}, packed.Bytes()...))); n != longestText {
		t.Errorf("%d bytes, the bound is %d", n, longestText)
	}
}

// FuzzMetadata: any bytes have metadata or none.
func FuzzMetadata(f *testing.F) {
	for _, b := range reader.Files(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { Metadata(b) })
}

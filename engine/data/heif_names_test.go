package data

import (
	"strings"
	"testing"

	"udml-gpu/cgo/heif"
	"udml-gpu/engine/data/notes"
)

// TestHEIFNames: without libheif, HEIF files in a folder are counted as such and not as damaged images.
func TestHEIFNames(t *testing.T) {
	s := openNames(t, Options{}, "a.png", "b.HEIC", "c.avif", "d.heif")
	want := "needs_library!=3"
	if heif.Available() {
		if !heif.Has(heif.HEVC) || !heif.Has(heif.AV1) {
			return // tested by TestHEIFNeedsDecoder
		}
		want = ""
	}
	if got := reasonsOf(s); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, n := range s.Notes() {
		start, end := "not used: 3 pictures that need libheif (.avif 1, .heic 1, .heif 1)", ": apt-get install libheif1"
		if !strings.HasPrefix(n.Message, start) || !strings.HasSuffix(n.Message, end) {
			t.Error(n.Message)
		}
	}
}

// TestDecoderNote: files that lack a decoder are said once, with what to install.
func TestDecoderNote(t *testing.T) {
	left := notes.Omissions{}
	left.Add(notes.ReasonDecoder, "a.heic")
	left.Add(notes.ReasonDecoder, "b.heic")
	list := left.Notes()
	want := "not used: 2 pictures that need a decoder for libheif (.heic 2), a.heic, b.heic: " +
		"apt-get install libheif-plugin-libde265 for HEIC, libheif-plugin-dav1d for AVIF"
	if len(list) != 1 || list[0].Message != want || !list[0].Warning {
		t.Errorf("%+v, want %s", list, want)
	}
}

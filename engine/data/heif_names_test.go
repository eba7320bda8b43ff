package data

import (
	"strings"
	"testing"

	"udml-gpu/cgo/heif"
)

// TestHEIFNames: without libheif, HEIF files in a folder are counted as such and not as damaged images.
func TestHEIFNames(t *testing.T) {
	s := openNames(t, Options{}, "a.png", "b.HEIC", "c.avif", "d.heif")
	want := "needs_library!=3"
	if heif.Available() {
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

package archive

import (
	"testing"

	"udml-gpu/engine/data/datatest"
)

// FuzzUnsupported: any start of a file gives one sentence of bounded length that repeats none of its content.
func FuzzUnsupported(f *testing.F) {
	for _, s := range unsupportedKinds {
		f.Add([]byte(s.starts))
	}
	f.Add([]byte("\xff\xfep\x00"))
	f.Add([]byte("<!DOCTYPE html>"))
	f.Add([]byte("label,path\nx,a.png"))
	f.Fuzz(func(t *testing.T, start []byte) {
		err := unsupported("some.file", start[:min(len(start), tarBlock)])
		if datatest.WantError(t, err, "some.file "); len(err.Error()) > 250 {
			t.Errorf("%d bytes: %v", len(err.Error()), err)
		}
	})
}

package archive

import (
	"testing"

	"udml-gpu/engine/data/datatest"
)

// FuzzStranger: whatever a file starts with, it gets one sentence of bounded length, which repeats nothing of its content.
func FuzzStranger(f *testing.F) {
	for _, s := range strangers {
		f.Add([]byte(s.starts))
	}
	f.Add([]byte("\xff\xfep\x00"))
	f.Add([]byte("<!DOCTYPE html>"))
	f.Add([]byte("label,path\nx,a.png"))
	f.Fuzz(func(t *testing.T, start []byte) {
		err := stranger("some.file", start[:min(len(start), tarBlock)])
		if datatest.WantError(t, err, "some.file "); len(err.Error()) > 250 {
			t.Errorf("%d bytes: %v", len(err.Error()), err)
		}
	})
}

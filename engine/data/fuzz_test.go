package data

import (
	"bytes"
	"path/filepath"
	"testing"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/datatest"
)

// FuzzZip: any bytes are an error, or a zip whose images have names that stay inside it, whether they can be read or not.
func FuzzZip(f *testing.F) {
	f.Add(datatest.Zip(f, "train/a/1.png", "test/b/2.png"))
	f.Add(datatest.Zip(f, "../a.png"))
	f.Add(datatest.Zip(f, "a/", "a/b.png", "__MACOSX/a/b.png"))
	f.Add([]byte("PK\x05\x06"))
	archive.MaxFileBytes = 1 << 20
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := OpenZip("fuzz.zip", bytes.NewReader(b), int64(len(b)), Options{Labels: "folder"})
		if err != nil {
			return
		}
		set := s.Split("all")
		for i, item := range set.Items {
			if archive.UnsafeName(item.Name) != "" || !filepath.IsLocal(item.Name) || int(item.Label) >= len(set.Classes) {
				t.Fatalf("item %+v", item)
			}
			_, _ = set.ReadImage(i)
		}
	})
}

package cache

import (
	"os"
	"testing"

	"udml-gpu/engine/data"
)

// BenchmarkOpenKept opens the data set made by scripts/sop_data.py in the folder $UDML_SOP (120,053 images), whose images of
// 35 pixels are kept in $UDML_SOP_CACHE. It measures the lists, the files' sizes and times, and both caches.
func BenchmarkOpenKept(b *testing.B) {
	dir, folder := os.Getenv("UDML_SOP"), os.Getenv("UDML_SOP_CACHE")
	if dir == "" || folder == "" {
		b.Skip("UDML_SOP and UDML_SOP_CACHE are not set")
	}
	open := func() (images, reused int) {
		s, err := data.Open("sop:"+dir, data.Options{})
		if err != nil {
			b.Fatal(err)
		}
		defer s.Close()
		for _, split := range []string{"train", "test"} {
			c, err := Open(b.Context(), s.Split(split), Options{Size: 35, Channels: 3, MaxBad: -1, Keep: folder})
			if err != nil {
				b.Fatal(err)
			}
			images += c.Len()
			if c.Fingerprint() != "" && c.Reused() {
				reused++
			}
			c.Close()
		}
		return images, reused
	}
	open()
	for b.Loop() {
		if images, reused := open(); reused != 2 {
			b.Fatalf("%d images in %d reused caches", images, reused)
		}
	}
}

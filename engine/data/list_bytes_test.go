package data

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// listBytes is the most that the list of a folder holds of an image with a name of 15 bytes: its item has 24 bytes and its name 16; an item
// had 64 when it held its box.
const listBytes = 64

func TestListBytes(t *testing.T) {
	small, large := listed(t, 2000), listed(t, 8000)
	perImage := float64(large-small) / 6000
	t.Logf("%.1f bytes an image", perImage)
	if perImage > listBytes || perImage < 1 {
		t.Errorf("%.1f bytes an image, want 1 to %d", perImage, listBytes)
	}
}

// listed is what is alive of the list of a folder with n images.
func listed(t *testing.T, n int) int64 {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		path := filepath.Join(dir, fmt.Sprintf("%04d/%06d.png", i/1000, i))
		if i%1000 == 0 {
			if err := os.Mkdir(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	before := heap()
	src, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	after := heap()
	if len(src.Split("all").Items) != n {
		t.Fatal("images are missing")
	}
	return after - before
}

// heap is what is alive.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

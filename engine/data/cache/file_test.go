package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"udml-gpu/engine/data/datatest"
)

// keptFile is the one file in a folder of kept images.
func keptFile(t testing.TB, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"+cacheExtension))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	return files[0]
}

func TestDamagedCacheFilesAreMadeAgain(t *testing.T) {
	dir, folder := kept(t), t.TempDir()
	openKept(t, openSet(t, dir), folder)
	path := keptFile(t, folder)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := func(at int) []byte {
		b := bytes.Clone(good)
		b[at] ^= 4
		return b
	}
	cases := []struct {
		says string
		file []byte
	}{
		{"cut short", nil},
		{"cut short", good[:95]},
		{"cut short", good[:len(good)-1]},
		{"cut short", good[:cachePixels]},
		{"longer", append(bytes.Clone(good), 0)},
		{"not an image cache", make([]byte, len(good))},
		{"not an image cache", flipped(0)},
		{"another version", flipped(8)},
		{"damaged header", flipped(12)},
		{"damaged header", flipped(17)},
		{"damaged header", flipped(31)},
		{"damaged header", flipped(40)},
		{"damaged header", flipped(95)},
		{"damaged index", flipped(len(good) - 1)},
	}
	for _, c := range cases {
		if err := os.WriteFile(path, c.file, 0o644); err != nil {
			t.Fatal(err)
		}
		if reused, remade := openKept(t, openSet(t, dir), folder); reused || !strings.Contains(remade, path) ||
			!strings.Contains(remade, c.says) {
			t.Errorf("reused %t, %q; want %q", reused, remade, c.says)
		}
		if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, good) {
			t.Errorf("%s: the file is not what it was, %v", c.says, err)
		}
	}
	_ = os.Remove(path)
	if err := unix.Mkfifo(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if reused, remade := openKept(t, openSet(t, dir), folder); reused || !strings.Contains(remade, "not a regular file") {
		t.Errorf("a pipe: reused %t, %q", reused, remade)
	}
}

// TestFolderInPlaceOfCacheFile: a folder with the name of the file cannot be replaced, which is an error.
func TestFolderInPlaceOfCacheFile(t *testing.T) {
	dir, folder := kept(t), t.TempDir()
	openKept(t, openSet(t, dir), folder)
	path := keptFile(t, folder)
	_ = os.Remove(path)
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	asked := 0
	_, err := Open(t.Context(), openSet(t, dir), keepIn(folder, &asked))
	datatest.WantError(t, err, "the image cache in "+folder)
}

// fileOf is a file of cached images with that index.
func fileOf(pixels int, index string) []byte {
	header := binary.LittleEndian.AppendUint64(append([]byte(cacheMagic), cacheVersion, 0, 0, 0, 0, 0, 0, 0), uint64(pixels))
	header = binary.LittleEndian.AppendUint64(header, uint64(len(index)))
	sum := sha256.Sum256([]byte(index))
	header = append(header, sum[:]...)
	sum = sha256.Sum256(header)
	b := append(header, sum[:]...)
	return append(append(b, make([]byte, cachePixels-cacheHeader+pixels)...), index...)
}

func TestCacheIndexIsChecked(t *testing.T) {
	for index, says := range map[string]string{
		`{"images":3,"image_bytes":4,"skipped":[{"image":0},{"image":2}]}`: "",
		`{"images":3,"image_bytes":4,"skipped":[{"image":2},{"image":0}]}`: "not in ascending order",
		`{"images":3,"image_bytes":4,"skipped":[{"image":1},{"image":1}]}`: "not in ascending order",
		`{"images":3,"image_bytes":4,"skipped":[{"image":3}]}`:             "not below 3",
		`{"images":3,"image_bytes":4,"skipped":[{"image":-1}]}`:            "not in ascending order",
		`{"images":2,"image_bytes":4}`:                                     "does not match its 12 bytes of pixels",
		`{"images":0,"image_bytes":0}`:                                     "does not match its 12 bytes of pixels",
		`{"images":-3,"image_bytes":-4}`:                                   "does not match its 12 bytes of pixels",
		`{"images":3,"image_bytes":4,"colour":1}`:                          "fit its version",
		`{"images":3`: "fit its version",
	} {
		b := fileOf(12, index)
		_, err := readCacheIndex(bytes.NewReader(b), int64(len(b)))
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", index, err)
		}
	}
}

// FuzzCacheFile: any bytes give an index that fits its file, or a fault. Half of the inputs get correct checksums, without
// which they would be refused at once.
func FuzzCacheFile(f *testing.F) {
	index := `{"images":3,"image_bytes":4,"skipped":[{"image":1,"why":"text","unread":true}],"key":"00"}`
	f.Add(fileOf(12, index), false)
	f.Add(fileOf(12, index)[:200], true)
	f.Add(fileOf(0, ""), true)
	f.Fuzz(func(t *testing.T, b []byte, right bool) {
		if b = bytes.Clone(b); right && len(b) >= cacheHeader {
			copy(b, cacheMagic)
			n := binary.LittleEndian.Uint64(b[24:])
			if int64(n) >= 0 && n <= uint64(len(b)) {
				sum := sha256.Sum256(b[uint64(len(b))-n:])
				copy(b[32:], sum[:])
			}
			sum := sha256.Sum256(b[:64])
			copy(b[64:], sum[:])
		}
		x, err := readCacheIndex(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			if _, ok := err.(cacheFault); !ok {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		if x.Images < 1 || x.ImageBytes < 1 || x.Images > len(b) || cachePixels+x.Images*x.ImageBytes > len(b) ||
			len(x.Skipped) > x.Images {
			t.Fatalf("%+v in %d bytes", x, len(b))
		}
	})
}

// Package datatest makes the files of small data sets for tests.
package datatest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// PNG is an image of one colour as a PNG file.
func PNG(w, h int, grey uint8) []byte {
	im := image.NewGray(image.Rect(0, 0, w, h))
	for i := range im.Pix {
		im.Pix[i] = grey + uint8(i)
	}
	im.SetGray(0, 0, color.Gray{Y: grey})
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Tree writes files below a new folder; content nil stands for a small image.
func Tree(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, b := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if b == nil {
			b = PNG(4, 3, uint8(len(name)))
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// PNGHeader is a PNG header that claims a size, without pixels.
func PNGHeader(w, h uint32) []byte {
	body := append([]byte("IHDR"), 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0)
	binary.BigEndian.PutUint32(body[4:], w)
	binary.BigEndian.PutUint32(body[8:], h)
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
	b.Write(body)
	_ = binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(body))
	return b.Bytes()
}

// NumberedImages are n small images of different sizes, in folders of ten: train/0/000.png and so on.
func NumberedImages(n int) map[string][]byte {
	files := map[string][]byte{}
	for i := range n {
		files[fmt.Sprintf("train/%d/%03d.png", i/10, i)] = PNG(5+i%3, 7, uint8(3*i))
	}
	return files
}

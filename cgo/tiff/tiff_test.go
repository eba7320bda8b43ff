package tiff

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"

	"udml-gpu/cgo/library"
)

// TestName logs the library found, so that the log of a machine that cannot read a file shows the reason.
func TestName(t *testing.T) {
	if Available() != (Name() != "") || Available() != (Problem() == "") {
		t.Fatalf("Available() = %v, Name() = %q, Problem() = %q", Available(), Name(), Problem())
	}
	t.Logf("libtiff: %q %q", Name(), Problem())
}

func TestVersionOf(t *testing.T) {
	for text, want := range map[string]library.Version{
		"LIBTIFF, Version 4.5.0\nCopyright (c) 1988-1996 Sam Leffler": {4, 5, 0}, "LIBTIFF, Version 4.7.1": {4, 7, 1},
		"LIBTIFF, Version 3.9": {}, "LIBTIFF": {}, "": {},
	} {
		if got := versionOf(text); got != want {
			t.Errorf("%q is version %v, want %v", text, got, want)
		}
	}
}

// TestOff holds in every build.
func TestOff(t *testing.T) {
	t.Setenv(OffVariable, "1")
	if l := binding.Find(); l.File != "" || l.Problem == "" {
		t.Errorf("switched off, %+v", l)
	}
}

const limit = 64 << 20

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("../../testdata/images/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWithout(t *testing.T) {
	if Available() {
		return
	}
	if _, err := Open([]byte("II*\x00"), limit, false); err == nil || err.Error() != Problem() || Has(1) {
		t.Errorf("without the library: %v", err)
	}
}

func TestFile(t *testing.T) {
	if !Available() {
		t.Skip(Problem())
	}
	if !Has(1) || !Has(5) || Has(12345) || Has(-1) || Has(1<<16) {
		t.Error("the compressions are wrong")
	}
	f, err := Open(read(t, "tiff/rgb16zip.tif"), limit, false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want := Shape{Width: 21, Height: 18, Across: 21, Down: 8, Bits: 16, Samples: 3, ChunkBytes: 8 * 126, RowBytes: 126}
	if f.Shape() != want {
		t.Errorf("the shape is %+v, want %+v", f.Shape(), want)
	}
	chunk := bytes.Repeat([]byte{7}, 2*126+3) // the last strip has two rows
	if err := f.Chunk(2, chunk); err != nil || !bytes.Equal(chunk[2*126:], []byte{7, 7, 7}) || chunk[0] == 7 && chunk[1] == 7 {
		t.Errorf("the last strip: %v, ends in %v", err, chunk[2*126:])
	}
	if err := f.Chunk(3, chunk); err == nil || !strings.HasPrefix(err.Error(), "libtiff: ") {
		t.Errorf("a strip too many: %v", err)
	}
	for _, err := range []error{f.Chunk(-1, chunk), f.Chunk(0, nil), f.RGBA(make([]byte, 4*21*18-1))} {
		if err == nil {
			t.Error("a call without room passes")
		}
	}
	if pix := make([]byte, 4*21*18); f.RGBA(pix) != nil || pix[3] != 255 {
		t.Errorf("the pixels begin with %v", pix[:4])
	}
}

// TestComplaints: each file gets the message of its own fault, also with other files open.
func TestComplaints(t *testing.T) {
	if !Available() {
		t.Skip(Problem())
	}
	whole, damaged := read(t, "tiff/rgbzip.tif"), read(t, "tiff/damaged/cutzip.tif")
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for range 50 {
				fails := i%2 == 1
				b := whole
				if fails {
					b = damaged
				}
				f, err := Open(b, limit, false)
				if err != nil {
					t.Error(err)
					return
				}
				if err := f.Chunk(2, make([]byte, 126)); (err != nil) != fails ||
					fails && strings.Contains(err.Error(), "cannot be decoded") {
					t.Errorf("damaged %v: %v", fails, err)
				}
				f.Close()
			}
		})
	}
	wait.Wait()
}

func TestNoFile(t *testing.T) {
	if !Available() {
		t.Skip(Problem())
	}
	for _, b := range [][]byte{nil, {}, []byte("GIF89a"), []byte("II*\x00"), []byte("II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00")} {
		if f, err := Open(b, limit, false); err == nil || !strings.HasPrefix(err.Error(), "libtiff: ") {
			t.Errorf("%q: %v, %v", b, f, err)
		}
	}
}

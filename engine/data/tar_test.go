package data

import (
	"archive/tar"
	"bytes"
	"strings"
	"testing"

	"udml-gpu/engine/data/datatest"
)

func TestTar(t *testing.T) {
	long := strings.Repeat("long/", 60) + "name.png" // needs a header of its own
	files := map[string][]byte{
		"train/b/1.png": nil,
		"train/a/2.png": []byte("two"),
		"test/c/3.png":  nil,
		"._x.png":       nil,
		"LICENSE":       []byte("free"),
		"test/" + long:  []byte("far"),
	}
	for _, name := range []string{"x.tar", "x.tgz", "no_extension"} {
		s := openAs(t, datatest.Archive(t, name, files), Options{})
		if got := describe(s.Split("train")); got != "train/a/2.png=0 train/b/1.png=1" {
			t.Errorf("%s: %s", name, got)
		}
		for i, want := range []string{string(datatest.ContentOf("test/c/3.png", files)), "far"} {
			if b, err := s.Split("test").ReadImage(i); err != nil || string(b) != want {
				t.Errorf("%s, image %d: %d bytes, %v", name, i, len(b), err)
			}
		}
	}
}

func TestTarRefuses(t *testing.T) {
	file := func(name string) tar.Header { return tar.Header{Name: name, Typeflag: tar.TypeReg} }
	cases := []struct {
		entry tar.Header
		says  string
	}{
		{tar.Header{Name: "a/link.png", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, "link"},
		{tar.Header{Name: "a/hard.png", Typeflag: tar.TypeLink, Linkname: "a/1.png"}, "link"},
		{tar.Header{Name: "a/pipe.png", Typeflag: tar.TypeFifo}, "kind"},
		{file("/etc/a.png"), "absolute"},
		{file("a/../../b.png"), "leads out"},
		{file("a\\b.png"), "backslash"},
		{file("./a/1.png"), "two entries"},
		{file(strings.Repeat("n", 4097) + ".png"), "4096"},
	}
	for _, c := range cases {
		b := datatest.Tar(t, []tar.Header{{Name: "a/", Typeflag: tar.TypeDir}, file("a/1.png"), c.entry}, nil)
		for name, b := range map[string][]byte{"x.tar": b, "x.tgz": datatest.Gzipped(t, b)} {
			_, err := Open(datatest.TarPath(t, name, b), Options{})
			datatest.WantError(t, err, name, c.says)
		}
	}
}

func TestDamagedTars(t *testing.T) {
	b := datatest.Tar(
		t,
		[]tar.Header{{Name: "a/1.png", Typeflag: tar.TypeReg}, {Name: "a/2.png", Typeflag: tar.TypeReg}},
		map[string][]byte{"a/2.png": bytes.Repeat([]byte("x"), 5000)},
	)
	for name, b := range map[string][]byte{
		"cut.tar": b[:3000], "cut.tgz": datatest.Gzipped(t, b[:3000]),
		"short.tgz": datatest.Gzipped(t, b)[:60], "header.tgz": []byte("\x1f\x8b\x08"),
	} {
		_, err := Open(datatest.TarPath(t, name, b), Options{})
		datatest.WantError(t, err, name)
	}
	_, err := Open(datatest.TarPath(t, "text.tgz", datatest.Gzipped(t, []byte("hello"))), Options{})
	datatest.WantError(t, err, "text.tgz", "no tar")
}

// TestTarCutBetweenFiles: a tar that was cut off between two files is refused, although the rest can be read.
func TestTarCutBetweenFiles(t *testing.T) {
	b := datatest.Tar(
		t,
		[]tar.Header{{Name: "a/1.png", Typeflag: tar.TypeReg}, {Name: "a/2.png", Typeflag: tar.TypeReg}},
		map[string][]byte{"a/1.png": []byte("one"), "a/2.png": []byte("two")},
	)
	for _, cut := range []int{1024, 512 + 3, 512 + 100, 2048} {
		for name, b := range map[string][]byte{"x.tar": b[:cut], "x.tgz": datatest.Gzipped(t, b[:cut])} {
			_, err := Open(datatest.TarPath(t, name, b), Options{})
			datatest.WantError(t, err, name, "cut off")
		}
	}
	for _, whole := range [][]byte{b, b[:2048+512]} { // some programs write one block of zeros
		openAs(t, datatest.TarPath(t, "x.tar", whole), Options{})
		openAs(t, datatest.TarPath(t, "x.tgz", datatest.Gzipped(t, whole)), Options{})
	}
	damaged := datatest.Gzipped(t, b)
	damaged[len(damaged)-6] ^= 1 // in the checksum, behind all content
	_, err := Open(datatest.TarPath(t, "sum.tgz", damaged), Options{})
	datatest.WantError(t, err, "sum.tgz is damaged", "checksum")
}

package data

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/engine/data/datatest"
)

// emptyZip is a zip of empty files with those names.
func emptyZip(t *testing.T, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		if _, err := z.Create(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestUnsupported: the error for a file of another kind names that kind and what to do, and does not call it an invalid zip.
func TestUnsupported(t *testing.T) {
	zipped := emptyZip(t, "a/b.jpg")
	for name, c := range map[string]struct{ content, says string }{
		"a.tar.xz":     {"\xfd7zXZ\x00\x00\x04rest", "an xz archive, which is not read: unpack it"},
		"a.tar.bz2":    {"BZh91AY&SY\x9f\x00", "a bzip2 archive, which is not read: unpack it"},
		"a.tar.zst":    {"\x28\xb5\x2f\xfd\x04", "a Zstandard archive"},
		"a.7z":         {"7z\xbc\xaf\x27\x1c\x00", "a 7z archive"},
		"a.rar":        {"Rar!\x1a\x07\x01\x00", "a RAR archive"},
		"misnamed.zip": {"\xfd7zXZ\x00\x00\x04rest", "an xz archive"},
		"list.csv":     {"path,label\na.png,x\n", "list.csv is a list, not an archive: name it as csv:"},
		"marked.csv":   {"\ufeffpath\r\na.png\r\n", "name it as csv:"},
		"list.data":    {"label,path\nx,a.png\n", "name it as csv:"},
		"list.jsonl":   {`{"path":"a.png"}`, "name it as jsonl:"},
		"coco.json":    {`{"images": []}`, "a text file: expected a folder or a zip or tar of images, or a list as csv:FILE"},
		"names.txt":    {"a.png\nb.png\n", "a text file"},
		"utf16.txt":    {"\xff\xfea\x00.\x00", "a text file"},
		"utf16.csv":    {"\xff\xfep\x00a\x00", "name it as csv:"},
		"page.zip":     {"<!DOCTYPE html>\n<html>", "a web page in place of the file: download the file itself"},
		"lfs.zip":      {"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "a pointer of Git LFS"},
		"empty.zip":    {"", "empty: expected a folder"},
		"one.jpg":      {"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "a single picture: name the folder that holds it, "},
		"one.bmp":      {"BM\x00\x00\x00\x00", "a single picture"},
		"one.heic":     {"\x00\x00\x00\x18ftypheic\x00\x00", "a single picture"},
		"noname":       {"\x89PNG\r\n\x1a\n\x00\x00", "a single picture"},
		"film.mp4":     {"\x00\x00\x00\x18ftypisom\x00\x00", "a video, which is not read"},
		"set.parquet":  {"PAR1\x15\x04", "a Parquet table, which is not read: write its images to files"},
		"set.h5":       {"\x89HDF\r\n\x1a\n\x00", "an HDF5 file"},
		"set.npy":      {"\x93NUMPY\x01\x00", "a NumPy array"},
		"set.npz":      {emptyZip(t, "arr_0.npy", "labels.npy"), "a file of NumPy arrays, which is not read"},
		"net.pth":      {emptyZip(t, "archive/data.pkl", "archive/data/0"), "a file of torch weights or tensors"},
		"data_batch_1": {"\x80\x02}q\x01(", "a Python pickle"},
		"set.mat":      {"MATLAB 5.0 MAT-file\x00\x01", "a MATLAB file"},
		"cut.zip": {
			zipped[:40],
			"a zip without the list of its files, which belongs at its end: the copy or download is not complete",
		},
		"list.csv.gz":    {string(datatest.Gzipped(t, []byte("path,label\n"))), "gzip'd, but holds no tar"},
		"big.txt.gz":     {string(datatest.Gzipped(t, []byte(strings.Repeat("text ", 400)))), "gzip'd, but holds no tar"},
		"noise.zip":      {"\x01\x02\x03\x04\x05", "neither a folder nor a zip or tar of images, nor of another known kind"},
		"cut-letter.txt": {strings.Repeat("a", 512-1) + "é", "a text file"},
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(c.content), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path, Options{})
		if err == nil {
			t.Errorf("%s is opened", name)
			continue
		}
		datatest.WantError(t, err, path, c.says)
		if strings.Contains(err.Error(), "not a valid zip") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestUnsupportedLists: an unsupported archive is not read as a list either, and a list in UTF-16 is reported as such.
func TestUnsupportedLists(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ content, says string }{
		"a.tar.xz": {"\xfd7zXZ\x00\x00\x04rest", "an xz archive"},
		"a.csv":    {"\xff\xfep\x00a\x00t\x00h\x00\n\x00", "is in UTF-16: save it as UTF-8"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(c.content), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := Open("csv:"+path, Options{})
		datatest.WantError(t, err, path, c.says)
	}
}

// TestOldTar: a tar in the format of 1979, which does not name its format, is read.
func TestOldTar(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "a.png", Size: 3, Mode: 0o644, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("abc")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	raw := b.Bytes()
	clear(raw[257:512])            // fields of later formats
	copy(raw[148:156], "        ") // for the checksum, its own field counts as spaces
	sum := 0
	for _, c := range raw[:512] {
		sum += int(c)
	}
	octal := func(shift int) byte { return '0' + byte(sum>>shift&7) }
	copy(raw[148:156], []byte{octal(15), octal(12), octal(9), octal(6), octal(3), octal(0), 0, ' '})
	path := filepath.Join(t.TempDir(), "old.tar")
	if err := os.WriteFile(path, raw, 0o666); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := s.Split("all").Items; len(got) != 1 || got[0].Name != "a.png" {
		t.Errorf("got %v", got)
	}
}

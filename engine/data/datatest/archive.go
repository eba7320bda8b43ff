package datatest

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Archive writes files to an archive, whose kind follows from its name; content nil stands for a small image.
func Archive(t testing.TB, name string, files map[string][]byte) string {
	t.Helper()
	var entries []tar.Header
	for _, name := range slices.Sorted(maps.Keys(files)) {
		entries = append(entries, tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644})
	}
	b := Tar(t, entries, files)
	switch filepath.Ext(name) {
	case ".tgz", ".gz":
		b = Gzipped(t, b)
	case ".zip":
		var z bytes.Buffer
		w := zip.NewWriter(&z)
		for _, e := range entries {
			f, err := w.Create(e.Name)
			if err == nil {
				_, err = f.Write(ContentOf(e.Name, files))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		b = z.Bytes()
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// ContentOf is the content of the named one of files: a small image where it is nil.
func ContentOf(name string, files map[string][]byte) []byte {
	if b := files[name]; b != nil {
		return b
	}
	return PNG(4, 3, uint8(len(name)))
}

// Tar is a tar of the entries; regular ones have their content in files.
func Tar(t testing.TB, entries []tar.Header, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		var content []byte
		if e.Typeflag == tar.TypeReg {
			content = ContentOf(e.Name, files)
			e.Size = int64(len(content))
		}
		err := w.WriteHeader(&e)
		if err == nil {
			_, err = w.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Gzipped is b compressed by gzip.
func Gzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TarPath writes b to a file of that name and gives its path.
func TarPath(t testing.TB, name string, b []byte) string {
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// Zip is a zip with entries of the given names.
func Zip(t testing.TB, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i, name := range names {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "/") {
			_, _ = f.Write(PNG(4, 3, uint8(i)))
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

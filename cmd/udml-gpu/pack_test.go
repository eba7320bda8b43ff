package main

import (
	"archive/tar"
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// packDir FILE DIR: writes a gzip-compressed tar of the folder, with its links as links.
func packDir(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	z := gzip.NewWriter(f)
	w := tar.NewWriter(z)
	dir := ts.MkAbs(args[1])
	ts.Check(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return packFile(w, filepath.Dir(dir), path)
	}))
	ts.Check(w.Close())
	ts.Check(z.Close())
}

// packFile writes one file under its name below top.
func packFile(w *tar.Writer, top, path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	link, _ := os.Readlink(path) // "" unless it is a link
	h, err := tar.FileInfoHeader(info, link)
	if err != nil {
		return err
	}
	if h.Name, err = filepath.Rel(top, path); err == nil {
		err = w.WriteHeader(h)
	}
	if err != nil || link != "" {
		return err
	}
	b, err := os.ReadFile(path)
	if err == nil {
		_, err = w.Write(b)
	}
	return err
}

package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"

	"udml-gpu/models/disk"
)

// Verify reads the checkpoint in dir and compares every file with the manifest's size and SHA-256. Files are streamed:
// it needs no memory of their size.
func Verify(dir string) error { return verify(disk.OS, dir) }

func verify(fsys disk.FS, dir string) error {
	m, err := manifestOf(fsys, dir)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		if err := m.Files[name].check(fsys, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// verifyFile compares one file of the checkpoint in dir, of at most limit bytes, with the manifest.
func verifyFile(fsys disk.FS, dir, name string, limit int64) error {
	m, err := manifestOf(fsys, dir)
	if err != nil {
		return err
	}
	mark, ok := m.Files[name]
	switch {
	case !ok:
		return fmt.Errorf("its %s does not list %s", manifestName, name)
	case mark.Size > limit:
		return fmt.Errorf("%s has %d bytes: expected at most %d", name, mark.Size, limit)
	}
	return mark.check(fsys, filepath.Join(dir, name))
}

func manifestOf(fsys disk.FS, dir string) (manifest, error) {
	b, err := readManifest(fsys, filepath.Join(dir, manifestName))
	if err != nil {
		return manifest{}, err
	}
	return parseManifest(b)
}

func readManifest(fsys disk.FS, path string) ([]byte, error) {
	size, err := regularSize(fsys, path)
	if err != nil {
		return nil, err
	}
	if size > maxManifest {
		return nil, fmt.Errorf("its %s has %d bytes: expected fewer than %d", manifestName, size, maxManifest)
	}
	f, err := fsys.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, size))
}

// regularSize is called before a file is opened: reading a pipe might never end, and opening one might wait forever.
func regularSize(fsys disk.FS, path string) (int64, error) {
	info, err := fsys.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, fmt.Errorf("%s is missing", filepath.Base(path))
	case err != nil:
		return 0, err
	case !info.Mode().IsRegular():
		return 0, fmt.Errorf("%s is not a regular file", filepath.Base(path))
	}
	return info.Size(), nil
}

func (want fileMark) check(fsys disk.FS, path string) error {
	size, err := regularSize(fsys, path)
	if err != nil {
		return err
	}
	if size != want.Size {
		return fmt.Errorf("%s has %d bytes instead of %d", filepath.Base(path), size, want.Size)
	}
	f, err := fsys.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, io.LimitReader(f, want.Size)); err != nil {
		return err
	}
	digest, err := hex.DecodeString(want.SHA256)
	if err != nil {
		return err
	}
	if !bytes.Equal(h.Sum(nil), digest) {
		return fmt.Errorf("%s has another SHA-256 than when it was written", filepath.Base(path))
	}
	return nil
}

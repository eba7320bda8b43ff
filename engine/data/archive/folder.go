package archive

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

// MaxFileBytes bounds the size of one image file, in a folder or after unpacking from an archive.
var MaxFileBytes int64 = 256 << 20

// Folder is a source of files below a directory.
type Folder struct {
	Path   string
	Follow bool // List goes through links to folders too
}

// List walks the folder (see walker). Symbolic links to files count as files.
func (f Folder) List() (Listing, error) {
	root, err := filepath.EvalSymlinks(f.Path) // the folder itself may be a link
	if err != nil {
		return Listing{}, baddata.Errorf("%s cannot be read: %w", f.Path, err)
	}
	w := walker{follow: f.Follow, seen: map[identity]bool{}}
	if err := w.walk(root); err != nil {
		if bad := (*baddata.Error)(nil); errors.As(err, &bad) {
			return Listing{}, err
		}
		return Listing{}, baddata.Errorf("%s cannot be read: %w", f.Path, err)
	}
	return w.found, nil
}

// Check is Opener.Check.
func (f Folder) Check(name string) error {
	info, err := os.Stat(filepath.Join(f.Path, filepath.FromSlash(name)))
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a regular file")
	}
	return PlainCause(err)
}

// Read is Opener.Read.
func (f Folder) Read(name string) ([]byte, error) {
	file, info, err := disk.Open(filepath.Join(f.Path, filepath.FromSlash(name)))
	if errors.Is(err, disk.ErrNotRegular) { // it was regular when the folder was listed
		return nil, errors.New("it is not a regular file")
	}
	if err != nil {
		return nil, PlainCause(err)
	}
	defer file.Close()
	return readBounded(file, info.Size(), MaxFileBytes)
}

// Close does nothing: a folder holds nothing open.
func (f Folder) Close() error { return nil }

// PlainCause drops the path from a file error, because the caller's message names the image.
func PlainCause(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// readBounded reads all of r, which should hold size bytes, and refuses more than most even if size was wrong.
func readBounded(r io.Reader, size, most int64) ([]byte, error) {
	b, err := disk.ReadAtMost(r, size, most)
	if errors.Is(err, disk.ErrTooLong) {
		return nil, tooLong(size, most)
	}
	return b, err
}

func tooLong(size, most int64) error {
	return baddata.Errorf("the file has %d bytes or more, the limit is %d", max(size, most+1), most)
}

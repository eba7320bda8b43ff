package archive

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/notes"
	"udml-gpu/models/disk"
)

// MaxFileBytes bounds the size of one image file, in a folder or after unpacking from an archive.
var MaxFileBytes int64 = 256 << 20

// Folder is a source of files below a directory.
type Folder string

// List walks the folder. Symbolic links to files count as files; links to folders are not followed, so that no walk
// runs in circles. Hidden and system files and folders are skipped.
func (f Folder) List() (l Listing, err error) {
	root, err := filepath.EvalSymlinks(string(f)) // the folder itself may be a link
	if err != nil {
		return l, baddata.Errorf("%s cannot be read: %w", f, err)
	}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return l.walk(path, filepath.ToSlash(name), d)
	})
	if err != nil {
		return l, baddata.Errorf("%s cannot be read: %w", f, err)
	}
	return l, nil
}

// walk adds the file or folder at path to the listing, under its name.
func (l *Listing) walk(path, name string, d fs.DirEntry) error {
	why := skipReason(d.Name())
	switch {
	case why != "" && d.IsDir():
		l.Left.Add(why, name+"/")
		return fs.SkipDir
	case d.IsDir():
		l.addFolder(name)
		return nil
	case why == "":
		why = notFileReason(path, d)
	}
	if why == "" {
		l.Add(name)
	} else {
		l.Left.Add(why, name)
	}
	return nil
}

// notFileReason is the reason why the entry at path is not read when it is neither a regular file nor a link to one.
func notFileReason(path string, d fs.DirEntry) string {
	mode := d.Type()
	if mode&fs.ModeSymlink != 0 {
		info, err := os.Stat(path)
		if err != nil {
			return notes.ReasonBroken
		}
		mode = info.Mode()
	}
	switch {
	case mode.IsRegular():
		return ""
	case mode.IsDir():
		return notes.ReasonFolder
	}
	return notes.ReasonSpecial
}

// Check is Opener.Check.
func (f Folder) Check(name string) error {
	info, err := os.Stat(filepath.Join(string(f), filepath.FromSlash(name)))
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a regular file")
	}
	return PlainCause(err)
}

// Read is Opener.Read.
func (f Folder) Read(name string) ([]byte, error) {
	file, info, err := disk.Open(filepath.Join(string(f), filepath.FromSlash(name)))
	if errors.Is(err, disk.ErrNotRegular) { // it was regular when the folder was listed
		return nil, errors.New("it is not a regular file")
	}
	if err != nil {
		return nil, PlainCause(err)
	}
	defer file.Close()
	return readBounded(file, info.Size())
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

// readBounded reads all of r, which should hold size bytes, and refuses more than MaxFileBytes even if size was wrong.
func readBounded(r io.Reader, size int64) ([]byte, error) {
	b, err := disk.ReadAtMost(r, size, MaxFileBytes)
	if errors.Is(err, disk.ErrTooLong) {
		return nil, baddata.Errorf("the file has %d bytes or more, the limit is %d", max(size, MaxFileBytes+1), MaxFileBytes)
	}
	return b, err
}

package archive

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/picture"
)

// errEncrypted is the error for an entry that needs a password.
var errEncrypted = errors.New("it is encrypted in its zip: expected a zip without a password, or the unpacked files")

// zipFiles is a source of files in a zip.
type zipFiles struct {
	name    string
	entries map[string]*zip.File
	images  Listing
	whole   Stamp     // zero when the zip lies in memory
	file    io.Closer // nil when the zip lies in memory
}

// NewZip reads the directory of a zip and refuses names that point outside it.
func NewZip(name string, r io.ReaderAt, size int64) (*zipFiles, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, baddata.Errorf("%s is not a zip that can be read (%w): expected a folder or a zip or tar of images", name, err)
	}
	a := &zipFiles{name: name, entries: make(map[string]*zip.File, len(z.File))}
	for _, f := range z.File {
		if why := UnsafeName(f.Name); why != "" {
			return nil, unsafeEntry(name, f.Name, why)
		}
		clean := path.Clean(f.Name) // so that ./a and a//b are found as a and a/b
		if !a.wanted(f, clean) {
			continue
		}
		if a.entries[clean] != nil {
			return nil, baddata.Errorf("%s has two entries of the name %q", name, clean)
		}
		a.entries[clean] = f
		if f.Flags&1 != 0 && picture.IsName(clean) {
			a.images.Left.Add(notes.ReasonEncrypted, clean) // for a list that names it, Check gives the reason
			continue
		}
		a.images.Add(clean)
	}
	return a, nil
}

// wanted tells whether an entry is read: not folders, links and hidden files. What is skipped is counted.
func (a *zipFiles) wanted(f *zip.File, clean string) bool {
	folder := strings.HasSuffix(f.Name, "/")
	switch {
	case a.images.skip(clean, folder):
	case folder:
		a.images.addFolder(clean)
	case f.Mode()&fs.ModeSymlink != 0:
		a.images.Left.Add(notes.ReasonLink, clean)
	case !f.Mode().IsRegular():
		a.images.Left.Add(notes.ReasonSpecial, clean)
	default:
		return true
	}
	return false
}

func (a *zipFiles) List() (Listing, error) { return a.images, nil }

func (a *zipFiles) Check(name string) error {
	f := a.entries[name]
	switch {
	case f == nil:
		return fs.ErrNotExist
	case f.Flags&1 != 0:
		return errEncrypted
	}
	return nil
}

// Read unpacks one entry; it may be called from several goroutines at once.
func (a *zipFiles) Read(name string) ([]byte, error) {
	f := a.entries[name]
	if f.Flags&1 != 0 {
		return nil, errEncrypted
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return readBounded(r, int64(min(f.UncompressedSize64, 1<<62)))
}

// Close closes the zip file.
func (a *zipFiles) Close() error {
	if a.file == nil {
		return nil
	}
	return a.file.Close()
}

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
	var c contents
	for _, f := range z.File {
		if why := UnsafeName(f.Name); why != "" {
			return nil, unsafeEntry(name, f.Name, why)
		}
		clean := path.Clean(f.Name) // so that ./a and a//b are found as a and a/b
		rules := isRules(clean) && f.Mode().IsRegular()
		if !rules && !a.wanted(f, clean, &c) {
			continue
		}
		if a.entries[clean] != nil {
			return nil, baddata.Errorf("%s has two entries of the name %q", name, clean)
		}
		a.entries[clean] = f
		if rules {
			c.rules = append(c.rules, clean)
		} else {
			c.files = append(c.files, clean)
		}
	}
	if err := c.list(name, &a.images, a.read, a.add); err != nil {
		return nil, err
	}
	return a, nil
}

// add adds a file to the listing.
func (a *zipFiles) add(name string) {
	if a.entries[name].Flags&1 != 0 && picture.IsName(name) {
		a.images.Left.Add(notes.ReasonEncrypted, name) // for a list that names it, Check gives the reason
		return
	}
	a.images.Add(name)
}

// wanted tells whether an entry is read: not folders, links and hidden files. What is skipped is counted.
func (a *zipFiles) wanted(f *zip.File, clean string, c *contents) bool {
	folder := strings.HasSuffix(f.Name, "/")
	switch {
	case a.images.skip(clean, folder):
	case folder:
		c.folders = append(c.folders, clean)
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
func (a *zipFiles) Read(name string) ([]byte, error) { return a.read(name, MaxFileBytes) }

// read unpacks an entry of at most so many bytes.
func (a *zipFiles) read(name string, most int64) ([]byte, error) {
	f := a.entries[name]
	if f.Flags&1 != 0 {
		return nil, errEncrypted
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return readBounded(r, int64(min(f.UncompressedSize64, 1<<62)), most)
}

// Close closes the zip file.
func (a *zipFiles) Close() error {
	if a.file == nil {
		return nil
	}
	return a.file.Close()
}

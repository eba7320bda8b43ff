package data

import (
	"archive/zip"
	"io"
	"os"
	"path"
	"strings"
)

// archive is a source of files in a zip.
type archive struct {
	name    string
	entries map[string]*zip.File
	images  listing
	file    io.Closer // nil when the zip lies in memory
}

func openZipFile(name string) (*archive, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, Errorf("%s cannot be opened: %w", name, plainCause(err))
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = Errorf("%s is neither a folder nor a zip of images", name)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	z, err := newZip(name, f, info.Size())
	if err != nil {
		f.Close()
		return nil, err
	}
	z.file = f
	return z, nil
}

// newZip reads the directory of a zip and refuses names that point outside it.
func newZip(name string, r io.ReaderAt, size int64) (*archive, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, Errorf("%s is not a zip that can be read (%w): expected a folder or a zip of images", name, err)
	}
	a := &archive{name: name, entries: make(map[string]*zip.File, len(z.File))}
	for _, f := range z.File {
		if why := unsafeName(f.Name); why != "" {
			return nil, Errorf("%s has an entry %q whose name %s: expected plain relative names", name, f.Name, why)
		}
		if !wanted(f) {
			continue
		}
		clean := path.Clean(f.Name) // ./a and a//b name the same files as a and a/b
		if a.entries[clean] != nil {
			return nil, Errorf("%s has two entries of the name %q", name, clean)
		}
		a.entries[clean] = f
		a.images.add(clean)
	}
	return a, nil
}

// unsafeName says what is wrong with an entry's name, or nothing.
func unsafeName(name string) string {
	switch {
	case strings.Contains(name, `\`):
		return "has a backslash"
	case strings.HasPrefix(name, "/") || len(name) > 2 && name[1:3] == ":/":
		return "is absolute"
	case strings.ContainsRune(name, 0):
		return "has a zero byte"
	case strings.Contains("/"+name+"/", "/../"):
		return "leads out of the zip by .."
	}
	return ""
}

// wanted leaves out folders, links, and hidden files.
func wanted(f *zip.File) bool {
	if strings.HasSuffix(f.Name, "/") || !f.Mode().IsRegular() {
		return false
	}
	for part := range strings.SplitSeq(path.Clean(f.Name), "/") {
		if isHidden(part) {
			return false
		}
	}
	return true
}

func (a *archive) list() (listing, error) { return a.images, nil }

// read unpacks one entry; it may be called from several goroutines at once.
func (a *archive) read(name string) ([]byte, error) {
	f := a.entries[name]
	if f.Flags&1 != 0 {
		return nil, Errorf("the zip entry is encrypted")
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return readBounded(r, int64(min(f.UncompressedSize64, 1<<62)))
}

// Close closes the zip file.
func (a *archive) Close() error {
	if a.file == nil {
		return nil
	}
	return a.file.Close()
}

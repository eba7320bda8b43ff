// Package archive opens folders, zips, tars and gzip'd tars of images, without unpacking them to disk.
package archive

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

// Open opens the folder or the archive at path.
func Open(path string) (Opener, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, baddata.Errorf("%s cannot be opened: %w", path, PlainCause(err))
	}
	if info.IsDir() {
		return Folder{Path: path}, nil
	}
	return openArchive(path)
}

// openArchive opens a zip, a tar or a gzip'd tar.
func openArchive(name string) (Opener, error) {
	f, info, err := disk.Open(name)
	if errors.Is(err, disk.ErrNotRegular) {
		return nil, baddata.Errorf("%s is neither a folder nor a zip or tar of images", name)
	}
	if err != nil {
		return nil, baddata.Errorf("%s cannot be opened: %w", name, PlainCause(err))
	}
	files, err := readArchive(name, f, info)
	if err != nil {
		f.Close()
		return nil, err
	}
	return files, nil
}

// readArchive reads the names in an archive. It closes f where the content was copied.
func readArchive(name string, f *os.File, info fs.FileInfo) (Opener, error) {
	start := make([]byte, tarBlock)
	n, err := f.ReadAt(start, 0)
	if err != nil && err != io.EOF {
		return nil, baddata.Errorf("%s cannot be read: %w", name, PlainCause(err))
	}
	switch start = start[:n]; {
	case isGzip(start):
		defer f.Close()
		if err := unsupportedGzip(name, f, info.Size()); err != nil {
			return nil, err
		}
		return unpackTar(name, f, info)
	case isTar(start):
		return indexTar(name, f, info)
	}
	z, err := NewZip(name, f, info.Size())
	if err != nil {
		return nil, zipError(name, start, err)
	}
	if err := unsupportedZip(z); err != nil {
		return nil, err
	}
	z.file, z.whole = f, stampOf(info)
	return z, nil
}

func unsafeEntry(archive, name, why string) error {
	return baddata.Errorf("%s has an entry %q whose name %s: expected plain relative names", archive, name, why)
}

// UnsafeName is the reason why a path from a list or an archive, which may come from another system, is refused that must stay below a
// folder; "" when it is safe.
func UnsafeName(name string) string {
	switch {
	case strings.Contains(name, `\`):
		return "has a backslash"
	case len(name) > 2 && name[1:3] == ":/":
		return "is absolute"
	}
	return LeadsOut(name)
}

// LeadsOut is the reason why a path on this system does not stay below a folder; "" when it does.
func LeadsOut(name string) string {
	switch {
	case strings.HasPrefix(name, "/"):
		return "is absolute"
	case strings.ContainsRune(name, 0):
		return "has a zero byte"
	case strings.Contains("/"+name+"/", "/../"):
		return "leads out by .."
	}
	return ""
}

// skip tells whether an entry of an archive is skipped, and counts the file or folder that is the reason. Its name is clean;
// folder tells whether the entry is one.
func (l *Listing) skip(name string, folder bool) bool {
	if name == "." { // the top
		return false
	}
	if folder {
		name += "/"
	}
	why, at := pathSkipReason(name)
	if why == "" {
		return false
	}
	if l.over == nil {
		l.over = map[string]bool{}
	}
	if !l.over[at] {
		l.over[at] = true
		l.Left.Add(why, at)
	}
	return true
}

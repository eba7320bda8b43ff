// Package archive opens folders, zips, tars and gzip'd tars of images, without unpacking them to disk.
package archive

import (
	"errors"
	"io"
	"os"
	"strings"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/store"
)

// Open opens the folder or the archive at path, or s3://BUCKET/KEY. The index of a tar in a store is kept in the folder keep, if there
// is one, so that its headers are read once.
func Open(path, keep string) (Opener, error) {
	if store.Is(path) {
		return openRemote(path, keep)
	}
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
	f, err := openLocal(name)
	if err != nil {
		return nil, err
	}
	return readArchive(f)
}

// readArchive reads the names in an archive. It closes f after an error, and where the content was copied.
func readArchive(f *packedFile) (Opener, error) {
	files, err := f.read()
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return files, nil
}

func (f *packedFile) read() (Opener, error) {
	start := make([]byte, min(tarBlock, f.size))
	n, err := f.ReadAt(start, 0)
	if err != nil && err != io.EOF {
		return nil, f.unreadable(err)
	}
	switch start = start[:n]; {
	case isGzip(start):
		if err := unsupportedGzip(f.name, f, f.size); err != nil {
			return nil, err
		}
		files, err := unpackTar(f)
		if err == nil {
			_ = f.Close()
		}
		return files, err
	case isTar(start):
		return indexTar(f, false)
	}
	z, err := NewZip(f.name, f, f.size)
	if failed := (*store.Fault)(nil); errors.As(err, &failed) {
		return nil, baddata.Errorf("%w", failed)
	}
	if err != nil {
		return nil, zipError(f.name, start, err)
	}
	if err := unsupportedZip(z); err != nil {
		return nil, err
	}
	z.file, z.whole = f, f.stamp
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

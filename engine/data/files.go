package data

import (
	"errors"
	"io/fs"
	"os"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/store"
)

// OpenFiles opens the files of a value of --data, without reading lists or names: for who knows the names from before.
func OpenFiles(spec string) (archive.Opener, error) {
	if classes, ok := DemoClasses(spec); ok && IsDemo(spec) {
		s, err := openDemo(classes)
		if err != nil {
			return nil, err
		}
		return s.files, nil
	}
	if f, path, ok := schemeOf(spec); ok {
		return f.open(path, "")
	}
	return openFiles(spec, "")
}

// openFiles opens a folder or an archive, on the disk or in a store; keep is that of archive.Open. Its error lists what else --data
// accepts.
func openFiles(path, keep string) (archive.Opener, error) {
	if hasBraces(path) {
		return openShards(path, keep)
	}
	if err := exists(path); err != nil {
		return nil, err
	}
	files, err := archive.Open(path, keep)
	if err != nil || !store.Is(path) {
		return files, err
	}
	return asShards(files)
}

// openPacked is openFiles for a data set as published, in which some folders may still be archives.
func openPacked(path, keep string, inside ...archive.PackedFolder) (archive.Opener, error) {
	if err := exists(path); err != nil {
		return nil, err
	}
	return archive.OpenPacked(path, keep, inside...)
}

// exists is an error unless something exists at path.
func exists(path string) error {
	if store.Is(path) {
		return nil // opening it says more
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return baddata.Errorf("%s does not exist: expected a folder or a zip or tar of images, or %s with a path", path, schemeNames())
	}
	return nil
}

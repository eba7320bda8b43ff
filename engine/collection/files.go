package collection

import (
	"io/fs"
	"path/filepath"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

// Files are the files of the finished collection at path that a copy of it needs, but for its manifest, which makes it one and is to be
// written last: relative to path, with slashes, in order. The link to the last checkpoint of its network is not among them: it is for
// people.
func Files(path string) (names []string, err error) {
	err = filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(path, file)
		switch {
		case err != nil:
			return err
		case d.IsDir() && name == pendingDir:
			return fs.SkipDir
		case !d.Type().IsRegular() || name == lockFile || name == ManifestFile || leftover(d.Name()):
			return nil
		}
		names = append(names, filepath.ToSlash(name))
		return nil
	})
	if err != nil {
		return nil, baddata.Errorf("%s cannot be read: %w", path, disk.Cause(err))
	}
	return names, nil
}

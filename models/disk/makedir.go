package disk

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// MakeDir makes the folder path and its parents, like os.MkdirAll, so that they survive a power cut.
func MakeDir(path string) error { return MakeDirOn(OS, path) }

// MakeDirOn is MakeDir on another file system.
func MakeDirOn(fsys FS, path string) error {
	above := filepath.Dir(path)
	err := fsys.Mkdir(path)
	if errors.Is(err, fs.ErrNotExist) && above != path {
		if err := MakeDirOn(fsys, above); err != nil {
			return err
		}
		err = fsys.Mkdir(path)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return fsys.SyncDir(above)
}

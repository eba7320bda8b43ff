package disk

import (
	"errors"
	"os"
	"path/filepath"
)

// NewFolder lets write fill a new folder beside path, which then takes the place of path, where nothing or an empty folder is. After an
// error, and after RemoveUnfinished, there is nothing new.
func NewFolder(path string, write func(folder string) error) (err error) {
	path = filepath.Clean(path)
	fresh := filepath.Join(filepath.Dir(path), Unfinished+filepath.Base(path))
	if err := OS.RemoveAll(fresh); err != nil { // of a process that was killed
		return err
	}
	end, err := beginTracked(OS, func() (string, error) { return fresh, OS.Mkdir(fresh) })
	if err != nil {
		return err
	}
	defer end()
	defer func() {
		if err != nil {
			_ = OS.RemoveAll(fresh)
		}
	}()
	if err := write(fresh); err != nil {
		return err
	}
	if err := OS.SyncDir(fresh); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) { // it is empty
		return err
	}
	return MoveIn(OS, fresh, path)
}

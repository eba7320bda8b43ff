package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
)

// WriteFile replaces the file at path by data: a reader, also one after a crash, sees the old content or the new. The
// caller is the only writer (Lock).
func WriteFile(path string, data []byte) error { return ReplaceFile(OS, path, data) }

// ReplaceFile is WriteFile on another file system. The new file lies beside the old one until it is complete, under a
// name of its own, so that one that a crash has left there is replaced the next time.
func ReplaceFile(fsys FS, path string, data []byte) error {
	dir := filepath.Dir(path)
	tmp := filepath.Join(dir, tmpPrefix+filepath.Base(path))
	if err := fsys.RemoveAll(tmp); err != nil {
		return err
	}
	err := writeSynced(fsys, tmp, data)
	if err == nil {
		err = fsys.Rename(tmp, path)
	}
	if err != nil {
		_ = fsys.RemoveAll(tmp)
		return err
	}
	return fsys.SyncDir(dir)
}

// MakeDir makes the folder path and those above it, as os.MkdirAll, so that they survive a power cut.
func MakeDir(path string) error { return makeDir(OS, path) }

func makeDir(fsys FS, path string) error {
	above := filepath.Dir(path)
	err := fsys.Mkdir(path)
	if errors.Is(err, fs.ErrNotExist) && above != path {
		if err := makeDir(fsys, above); err != nil {
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
	if err := fsys.SyncDir(above); !errors.Is(err, fs.ErrPermission) { // one may write to a folder that one may not open
		return err
	}
	return nil
}

// writeSynced writes a new file and waits until it is on disk.
func writeSynced(fsys FS, path string, data []byte) error {
	f, err := fsys.Create(path)
	if err != nil {
		return err
	}
	n, err := f.Write(data)
	if err == nil && n < len(data) {
		err = fmt.Errorf("%s: %w: %d of %d bytes", path, io.ErrShortWrite, n, len(data))
	}
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil { // of two errors the first is the cause
		err = closing
	}
	return err
}

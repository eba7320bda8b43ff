package checkpoint

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"
)

// WriteFile replaces the file at path by data: a reader, also one after a crash, sees the old content or the new.
func WriteFile(path string, data []byte) error {
	// The pending file lies beside the target: it is seen when it fills the disk that the target is on.
	err := renameio.WriteFile(path, data, 0o666, renameio.WithTempDir(filepath.Dir(path)))
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// writeSynced writes a new file and waits until it is on disk.
func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncDir makes renames in dir last. Some network file systems cannot and say EINVAL; then there is nothing to wait for.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}

package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// TryLock locks f for this process until f is closed or the process ends; false: another process holds the lock.
func TryLock(f *os.File) (bool, error) {
	err := retryInterrupted(func() error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) })
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	if err != nil {
		return false, &fs.PathError{Op: "flock", Path: f.Name(), Err: err}
	}
	return true, nil
}

// RemoveUnlocked removes the files of the folder whose names end with extension and that no process has locked (File.Lock): their
// writers have ended. A file that cannot be opened, locked or removed stays.
func RemoveUnlocked(folder, extension string) {
	entries, _ := os.ReadDir(folder) // an unreadable folder is reported when it is used
	for _, e := range entries {
		if filepath.Ext(e.Name()) != extension {
			continue
		}
		path := filepath.Join(folder, e.Name())
		f, _, err := Open(path)
		if err != nil {
			continue
		}
		if ok, _ := TryLock(f); ok {
			_ = os.Remove(path)
		}
		f.Close()
	}
}

// Locked locks f, which other processes may hold for a moment, and gives the function that unlocks it.
func Locked(f *os.File) (unlock func(), err error) {
	if err := retryInterrupted(func() error { return unix.Flock(int(f.Fd()), unix.LOCK_EX) }); err != nil {
		return nil, &fs.PathError{Op: "flock", Path: f.Name(), Err: err}
	}
	return func() { _ = unix.Flock(int(f.Fd()), unix.LOCK_UN) }, nil
}

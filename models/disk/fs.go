// Package disk is the one room for access to the disk: opening a file that must be regular, replacing a file as a whole, locks, and the
// file system as an interface, so that tests can make each of its operations fail (faultfs).
package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// FS is the part of a file system needed to write files that survive a crash. Errors are those of package os. Reads follow
// links, Lstat does not.
type FS interface {
	// Mkdir makes a folder in one that exists.
	Mkdir(path string) error
	// Create makes a file that must not exist yet.
	Create(path string) (File, error)
	// Open opens a regular file.
	Open(path string) (io.ReadCloser, error)
	Lstat(path string) (fs.FileInfo, error)
	ReadDir(path string) ([]fs.DirEntry, error)
	// Rename replaces an existing file or link, but no folder.
	Rename(from, to string) error
	Symlink(target, path string) error
	// RemoveAll removes path and what is in it; a missing path is not an error.
	RemoveAll(path string) error
	// SyncDir returns when the names in the folder are on disk.
	SyncDir(path string) error
}

// OS is the file system of the operating system.
var OS FS = osFS{}

type osFS struct{}

func (osFS) Mkdir(path string) error                    { return os.Mkdir(path, 0o777) }
func (osFS) Lstat(path string) (fs.FileInfo, error)     { return os.Lstat(path) }
func (osFS) ReadDir(path string) ([]fs.DirEntry, error) { return os.ReadDir(path) }
func (osFS) Rename(from, to string) error               { return os.Rename(from, to) }
func (osFS) Symlink(target, path string) error          { return os.Symlink(target, path) }
func (osFS) RemoveAll(path string) error                { return os.RemoveAll(path) }

func (osFS) Open(path string) (io.ReadCloser, error) {
	f, _, err := Open(path)
	if err != nil { // not f: a nil *os.File makes an io.ReadCloser that is not nil
		return nil, err
	}
	return f, nil
}

// Create also opens the file for reading, which Map needs.
func (osFS) Create(path string) (File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	return OSFile{f}, nil
}

// SyncDir ignores that some network file systems cannot sync a folder, and that a writable folder may not be readable:
// then there is nothing to wait for.
func (osFS) SyncDir(path string) error {
	d, err := os.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

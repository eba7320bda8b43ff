package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// File is a file being written.
type File interface {
	io.WriteCloser
	io.WriterAt
	Truncate(size int64) error
	// Reserve makes the file size bytes long and allocates them on the disk at once, so that a disk that is too small is noticed
	// before the work is done. Where the file system does not support this it does nothing.
	Reserve(size int64) error
	// Lock locks the file for this process until it is closed, and waits for another process that holds the lock. fs.ErrNotExist: that
	// process has removed the file's name. Where the file system has no locks it does nothing.
	Lock() error
	// Sync returns when the written data are on disk.
	Sync() error
	// Map maps the first size bytes as shared memory for reading, until release; the file must be that long.
	Map(size int64) (b []byte, release func() error, err error)
}

// OSFile is a file of the operating system.
type OSFile struct{ *os.File }

// Reserve implements File.
func (f OSFile) Reserve(size int64) error {
	err := retryInterrupted(func() error { return unix.Fallocate(int(f.Fd()), 0, 0, size) })
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) { // then a write reports a full disk
		return nil
	}
	return err
}

// Lock implements File.
func (f OSFile) Lock() error {
	// Where locking fails, as on some network file systems, no other process can lock the file to remove it either.
	_ = retryInterrupted(func() error { return unix.Flock(int(f.Fd()), unix.LOCK_EX) })
	var info unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &info); err == nil && info.Nlink == 0 {
		return fs.ErrNotExist
	}
	return nil
}

// Map implements File.
func (f OSFile) Map(size int64) (b []byte, release func() error, err error) {
	b, err = unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	return b, func() error { return unix.Munmap(b) }, err
}

// retryInterrupted calls f until it is not interrupted by a signal.
func retryInterrupted(f func() error) error {
	for {
		if err := f(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// Unnamed is a new file for reading and writing in the folder ("": the system's for temporary files) whose name is removed at once,
// so that it disappears with the process, however that ends. pattern is that of os.CreateTemp.
func Unnamed(folder, pattern string) (*os.File, error) {
	f, err := os.CreateTemp(folder, pattern)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

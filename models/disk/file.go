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
	// Reserve makes the file size bytes long and takes their room on the disk at once, so that a disk that is too small is known
	// before the work is done. Where the file system cannot do that it does nothing.
	Reserve(size int64) error
	// Lock holds the file for this process until it is closed, after waiting for a process that holds it. fs.ErrNotExist: that
	// process has removed the file's name. Where the file system has no locks it does nothing.
	Lock() error
	// Sync returns when what was written is on disk.
	Sync() error
	// Map is the first size bytes as shared memory for reading, up to release; the file must be that long.
	Map(size int64) (b []byte, release func() error, err error)
}

// OSFile is a file of the machine.
type OSFile struct{ *os.File }

// Reserve implements File.
func (f OSFile) Reserve(size int64) error {
	err := again(func() error { return unix.Fallocate(int(f.Fd()), 0, 0, size) })
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) { // then writing finds out
		return nil
	}
	return err
}

// Lock implements File.
func (f OSFile) Lock() error {
	// Without locks, as on some network file systems, no other process can lock it to remove it either.
	_ = again(func() error { return unix.Flock(int(f.Fd()), unix.LOCK_EX) })
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

// again calls f until no signal interrupts it.
func again(f func() error) error {
	for {
		if err := f(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// Unnamed is a new file for reading and writing in the folder ("" is the system's for temporary files) whose name is removed at once:
// it ends with the process, whatever ends that. pattern is that of os.CreateTemp.
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

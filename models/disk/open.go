package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// ErrNotRegular is the error of Open for a folder, a pipe, a socket or a device.
var ErrNotRegular = errors.New("is not a regular file")

// ErrTooLong is the error of ReadAtMost for more bytes than its limit.
var ErrTooLong = errors.New("it has more bytes than allowed")

// Open opens a regular file, or a link to one, for reading. Anything else is an error that wraps ErrNotRegular and begins with the
// path. It never waits, as opening a pipe without a writer would.
func Open(path string) (*os.File, fs.FileInfo, error) {
	return regular(path, os.O_RDONLY)
}

// OpenOwn opens or creates a file of the program at a fixed place, for reading and writing. It must be a regular file and not a
// link (syscall.ELOOP), which could lead to a file that is not the program's.
func OpenOwn(path string) (*os.File, error) {
	f, _, err := regular(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW)
	return f, err
}

func regular(path string, flags int) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(path, flags|syscall.O_NONBLOCK, 0o666)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s %w", path, ErrNotRegular)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

// ReadFile is the content of a regular file of at most limit bytes; a longer one is ErrTooLong.
func ReadFile(path string, limit int64) ([]byte, error) {
	f, info, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadAtMost(f, info.Size(), limit)
}

// ReadAtMost reads all of r, which should hold size bytes. More than limit bytes are ErrTooLong, whatever size is.
func ReadAtMost(r io.Reader, size, limit int64) ([]byte, error) {
	if size > limit {
		return nil, ErrTooLong
	}
	// size decides the buffer only up to a megabyte; beyond, it grows as bytes arrive.
	b := make([]byte, 0, min(max(size, 0), 1<<20)+512)
	r = io.LimitReader(r, limit+1)
	for {
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if int64(len(b)) > limit {
			return nil, ErrTooLong
		}
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
	}
}

package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
)

const (
	cacheExtension   = ".udml-images"
	pendingExtension = ".udml-pending"
)

// pending is a file of cached images that is being written, under a name that nobody takes for a cache. Its writer holds a
// lock on it: a pending file without one was left by a process that ended too early.
type pending struct {
	folder string
	file   *os.File
	kept   bool // it has its last name
}

// newPending makes a file in the folder, which is created if it is not there, with room for size bytes.
func newPending(folder string, size int64) (*pending, error) {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, baddata.Errorf("--cache %s cannot be created: %w", folder, archive.PlainCause(err))
	}
	f, err := createPending(folder)
	if err != nil {
		return nil, baddata.Errorf("--cache %s cannot be written: %w", folder, archive.PlainCause(err))
	}
	p := &pending{folder: folder, file: f}
	if err := reserve(f, size); err != nil {
		p.abandon()
		f.Close()
		return nil, cacheUnwritable(folder, err)
	}
	return p, nil
}

// createPending makes a file of a name that is free, and locks it.
func createPending(folder string) (*os.File, error) {
	for n := 0; ; n++ {
		name := filepath.Join(folder, fmt.Sprintf("%d-%d%s", os.Getpid(), n, pendingExtension))
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		// Without locks, as on some network file systems, nobody can lock it to remove it either.
		_ = again(func() error { return unix.Flock(int(f.Fd()), unix.LOCK_EX) })
		var info unix.Stat_t
		if err := unix.Fstat(int(f.Fd()), &info); err != nil || info.Nlink > 0 {
			return f, nil
		}
		f.Close() // another process took it for a dead one's, between making and locking
	}
}

// again calls f until no signal interrupts it.
func again(f func() error) error {
	for {
		if err := f(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// reserve takes the room on the disk at once, so that a disk that is too small is known before the images are decoded.
func reserve(f *os.File, size int64) error {
	err := again(func() error { return unix.Fallocate(int(f.Fd()), 0, 0, size) })
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) { // then writing finds out
		return nil
	}
	return err
}

// cacheUnwritable is the sentence for a cache that cannot be written in the folder.
func cacheUnwritable(folder string, err error) error {
	return baddata.Errorf("the image cache in %s cannot be written: %w; make room there, or name another folder with --cache", folder, archive.PlainCause(err))
}

// commit writes the index behind the pixels and the header before them, and gives the file its name when all of it is on
// the disk.
func (p *pending) commit(path string, x *cacheIndex, pixels int64) error {
	header, index, err := x.tail(pixels)
	if err != nil {
		return err
	}
	if _, err = p.file.WriteAt(index, cachePixels+pixels); err == nil {
		_, err = p.file.WriteAt(header, 0)
	}
	if err == nil {
		err = p.file.Sync()
	}
	if err == nil {
		err = os.Rename(p.file.Name(), path)
	}
	if err != nil {
		return cacheUnwritable(p.folder, err)
	}
	p.kept = true
	return syncFolder(p.folder)
}

// syncFolder makes a rename last. Some file systems cannot, and there is nothing to wait for then.
func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return cacheUnwritable(folder, err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, unix.EINVAL) {
		return cacheUnwritable(folder, err)
	}
	return nil
}

// abandon removes the file unless it was kept. Whoever has it open closes it.
func (p *pending) abandon() {
	if !p.kept {
		_ = os.Remove(p.file.Name())
	}
}

// removeDeadPending removes what processes that ended too early left in the folder.
func removeDeadPending(folder string) {
	entries, _ := os.ReadDir(folder) // a folder that cannot be read is noticed when it is used
	for _, e := range entries {
		if filepath.Ext(e.Name()) != pendingExtension {
			continue
		}
		name := filepath.Join(folder, e.Name())
		f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
		if err != nil {
			continue
		}
		if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			_ = os.Remove(name)
		}
		f.Close()
	}
}

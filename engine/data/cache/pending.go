package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

const (
	cacheExtension   = ".udml-images"
	pendingExtension = ".udml-pending"
)

// pending is a file of cached images that is being written, under a name that is not that of a cache. Its writer holds a
// lock on it: a pending file without a lock is left over from a process that was killed.
type pending struct {
	fs     disk.FS
	folder string
	name   string
	file   disk.File
	kept   bool // it has its final name
}

// newPending makes a file with room for size bytes in the folder, which is created if needed.
func newPending(fsys disk.FS, folder string, size int64) (*pending, error) {
	if err := disk.MakeDirOn(fsys, folder); err != nil {
		return nil, baddata.Errorf("--cache %s cannot be created: %w", folder, archive.PlainCause(err))
	}
	p := &pending{fs: fsys, folder: folder}
	if err := p.create(); errors.Is(err, syscall.ENOTDIR) {
		return nil, baddata.Errorf("--cache %s cannot be created: %w", folder, archive.PlainCause(err))
	} else if err != nil {
		p.abandon()
		return nil, baddata.Errorf("--cache %s cannot be written: %w", folder, archive.PlainCause(err))
	}
	if err := p.file.Reserve(size); err != nil {
		p.abandon()
		p.file.Close()
		return nil, cacheUnwritable(folder, err)
	}
	return p, nil
}

// create makes a file with a free name and locks it.
func (p *pending) create() (err error) {
	for {
		p.file, p.name, err = disk.CreateFree(p.fs, func(n int) string {
			return filepath.Join(p.folder, fmt.Sprintf("%d-%d%s", os.Getpid(), n, pendingExtension))
		})
		if err != nil {
			return err
		}
		if err = p.file.Lock(); err == nil {
			return nil
		}
		p.file.Close()
		if !errors.Is(err, fs.ErrNotExist) { // before it was locked, another process removed it as a leftover
			return err
		}
	}
}

// cacheUnwritable is the error for a folder in which the cache cannot be written.
func cacheUnwritable(folder string, err error) error {
	return baddata.Errorf("the image cache in %s cannot be written: %w; make room there, or name another folder with --cache",
		folder, archive.PlainCause(err))
}

// commit writes the index behind the pixels and then the header, and renames the file to path once all of it is on
// the disk.
func (p *pending) commit(path string, x *cacheIndex, pixels int64) error {
	header, index, err := x.encode(pixels)
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
		err = disk.MoveIn(p.fs, p.name, path)
	}
	if err != nil {
		return cacheUnwritable(p.folder, err)
	}
	p.kept = true
	return nil
}

// abandon removes the file unless it was kept. The store closes it.
func (p *pending) abandon() {
	if !p.kept {
		_ = p.fs.RemoveAll(p.name)
	}
}

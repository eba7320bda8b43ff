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

// pending is a file of cached images that is being written, under a name that nobody takes for a cache. Its writer holds a
// lock on it: a pending file without one was left by a process that ended too early.
type pending struct {
	fs     disk.FS
	folder string
	name   string
	file   disk.File
	kept   bool // it has its last name
}

// newPending makes a file in the folder, which is created if it is not there, with room for size bytes.
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

// create makes a file of a name that is free, and locks it.
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
		if !errors.Is(err, fs.ErrNotExist) { // else another process took it for that of a dead one, before it was locked
			return err
		}
	}
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
		err = disk.MoveIn(p.fs, p.name, path)
	}
	if err != nil {
		return cacheUnwritable(p.folder, err)
	}
	p.kept = true
	return nil
}

// abandon removes the file unless it was kept. Whoever has it open closes it.
func (p *pending) abandon() {
	if !p.kept {
		_ = p.fs.RemoveAll(p.name)
	}
}

package archive

import (
	"errors"
	"io"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

// packedFile is a file that is an archive, on the disk or in a store.
type packedFile struct {
	io.ReaderAt
	io.Closer
	name  string
	size  int64
	stamp Stamp
	// front reads the file from front to end; done ends that.
	front     func() (r io.ReadSeeker, done func())
	interrupt func() // see Interrupt; nil: nothing waits for long
	keep      string // folder of indices; "": none is kept
	etag      string // of an object
}

// openLocal opens a file on the disk.
func openLocal(name string) (*packedFile, error) {
	f, info, err := disk.Open(name)
	if errors.Is(err, disk.ErrNotRegular) {
		return nil, baddata.Errorf("%s is neither a folder nor a zip or tar of images", name)
	}
	if err != nil {
		return nil, baddata.Errorf("%s cannot be opened: %w", name, PlainCause(err))
	}
	front := func() (io.ReadSeeker, func()) { return io.NewSectionReader(f, 0, info.Size()), func() {} }
	return &packedFile{ReaderAt: f, Closer: f, name: name, size: info.Size(), stamp: stampOf(info), front: front}, nil
}

// Interrupt ends what waits for a store, for good: who wants to stop need not wait until a request is given up.
func Interrupt(files Opener) {
	if f, ok := files.(interface{ interrupted() }); ok {
		f.interrupted()
	}
}

func (f *packedFile) interrupted() {
	if f.interrupt != nil {
		f.interrupt()
	}
}

func (t *tarFiles) interrupted() {
	if f, ok := t.closer.(*packedFile); ok {
		f.interrupted()
	}
}

func (a *zipFiles) interrupted() {
	if f, ok := a.file.(*packedFile); ok {
		f.interrupted()
	}
}

func (s *Shards) interrupted() {
	for _, t := range s.shards {
		t.interrupted()
	}
}

func (f *objects) interrupted() { f.cancel() }

// unreadable is the error of a file that cannot be read; that of a store names it already.
func (f *packedFile) unreadable(err error) error {
	if bad := (*baddata.Error)(nil); errors.As(err, &bad) {
		return err
	}
	return baddata.Errorf("%s cannot be read: %w", f.name, PlainCause(err))
}

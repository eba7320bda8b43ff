package cache

import (
	"errors"
	"io"
	"os"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

// store holds images of equal size in memory, or in a file that is mapped once it is complete.
type store struct {
	size   int // bytes an image
	base   int // byte of the file where the images begin
	pix    []uint8
	file   storage      // nil when the images are in memory
	whole  []uint8      // the mapped file
	unmap  func() error // unmaps whole
	folder string       // value of --cache, for messages; "": a temporary file

	fault readFault
}

// storage is what a store needs of a disk.File.
type storage interface {
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	Map(size int64) (b []byte, release func() error, err error)
}

// newStore makes room for n images: in memory up to ram bytes, beyond in a temporary file in dir ("" is the system's).
func newStore(n, size int, ram int64, dir string) (*store, error) {
	s := &store{size: size}
	total := int64(n) * int64(size)
	if total <= ram {
		s.pix = make([]uint8, total)
		return s, nil
	}
	f, err := disk.Unnamed(dir, "udml-cache-*") // without a name it disappears with the process, however that ends
	if err != nil {
		return nil, baddata.Errorf("the image cache of %d MiB does not fit in --cache-ram and no file can be made for it: %w",
			total>>20, err)
	}
	s.file = disk.OSFile{File: f}
	return s, nil
}

// put stores image i. Different images may be put at the same time. Bytes are written, not mapped, so that a full disk
// is an error and not a signal.
func (s *store) put(i int, pix []uint8) error {
	if s.file == nil {
		copy(s.pix[i*s.size:(i+1)*s.size], pix)
		return nil
	}
	if _, err := s.file.WriteAt(pix, int64(s.base)+int64(i)*int64(s.size)); err != nil {
		return s.unwritable(err)
	}
	return nil
}

func (s *store) unwritable(err error) error {
	if s.folder != "" {
		return cacheUnwritable(s.folder, err)
	}
	return baddata.Errorf("the image cache cannot be written: %w", archive.PlainCause(err))
}

// seal ends writing n images; after it image may be called.
func (s *store) seal(n int) error {
	if s.file == nil {
		return nil
	}
	if err := s.file.Truncate(s.end(n)); err != nil { // skipped images at the end leave the file too short
		return s.unwritable(err)
	}
	return s.mapFile(n)
}

// end is where the n images end in the file.
func (s *store) end(n int) int64 { return int64(s.base) + int64(n)*int64(s.size) }

// mapFile maps the file of n images. It must be long enough.
func (s *store) mapFile(n int) error {
	whole, unmap, err := s.file.Map(s.end(n))
	if err != nil {
		return baddata.Errorf("the image cache of %d MiB cannot be mapped into memory: %w", s.end(n)>>20, err)
	}
	s.whole, s.pix, s.unmap = whole, whole[s.base:], unmap
	return nil
}

// image is image i, in memory that is shared and valid until close. An image that the disk can no longer deliver is black, and
// s.fault has the reason.
func (s *store) image(i int) []uint8 {
	pix := s.pix[i*s.size : (i+1)*s.size : (i+1)*s.size]
	if s.whole == nil {
		return pix
	}
	if _, ok := s.fault.reachable(pix); !ok {
		return make([]uint8, s.size)
	}
	return pix
}

// err is an *Error once an image could not be read.
func (s *store) err(source string) error {
	what := s.fault.first.Load()
	if what == nil {
		return nil
	}
	place := s.folder
	if place == "" {
		place = os.TempDir()
	}
	return baddata.Errorf("%s: its decoded images, in a file in %s, cannot be read any more (%s)", source, place, *what)
}

func (s *store) close() error {
	unmap, file := s.unmap, s.file
	s.pix, s.whole, s.file, s.unmap = nil, nil, nil, nil
	var unmapped, closed error
	if unmap != nil {
		unmapped = unmap()
	}
	if file != nil {
		closed = file.Close()
	}
	return errors.Join(unmapped, closed)
}

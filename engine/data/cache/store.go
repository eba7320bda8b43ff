package cache

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
)

// store holds images of equal size in memory, or in a file that is mapped once it is complete.
type store struct {
	size   int // bytes an image
	base   int // byte of the file where the images begin
	pix    []uint8
	file   *os.File // nil when the images are in memory
	whole  []uint8  // the file as it is mapped
	folder string   // --cache, for messages; "": a temporary file

	trouble trouble
}

// newStore makes room for n images: in memory up to ram bytes, beyond in a temporary file in dir ("" is the system's).
func newStore(n, size int, ram int64, dir string) (*store, error) {
	s := &store{size: size}
	total := int64(n) * int64(size)
	if total <= ram {
		s.pix = make([]uint8, total)
		return s, nil
	}
	f, err := os.CreateTemp(dir, "udml-cache-*")
	if err != nil {
		return nil, baddata.Errorf("the image cache of %d MiB does not fit in --cache-ram and no file can be made for it: %w", total>>20, err)
	}
	// The name goes at once: the file lives until it is unmapped, and does not stay behind whatever ends the process.
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	s.file = f
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

// seal ends writing; image may be called from now on.
func (s *store) seal(n int) error {
	if s.file == nil {
		return nil
	}
	end := int64(s.base) + int64(n)*int64(s.size)
	info, err := s.file.Stat()
	if err == nil && info.Size() < end { // images that were skipped at the end leave it short
		err = s.file.Truncate(end)
	}
	if err != nil {
		return s.unwritable(err)
	}
	whole, err := unix.Mmap(int(s.file.Fd()), 0, int(end), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return baddata.Errorf("the image cache of %d MiB cannot be mapped into memory: %w", end>>20, err)
	}
	s.whole, s.pix = whole, whole[s.base:]
	return nil
}

// image is image i: shared memory, which ends with close. An image that the disk does not give any more is black, and
// s.trouble has the reason.
func (s *store) image(i int) []uint8 {
	pix := s.pix[i*s.size : (i+1)*s.size : (i+1)*s.size]
	if s.whole == nil {
		return pix
	}
	if _, ok := s.trouble.reachable(pix); !ok {
		return make([]uint8, s.size)
	}
	return pix
}

// err is an *Error once there was trouble.
func (s *store) err(source string) error {
	what := s.trouble.first.Load()
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
	whole, file := s.whole, s.file
	s.pix, s.whole, s.file = nil, nil, nil
	var unmapped, closed error
	if whole != nil {
		unmapped = unix.Munmap(whole)
	}
	if file != nil {
		closed = file.Close()
	}
	return errors.Join(unmapped, closed)
}

package data

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// store holds images of equal size in memory, or in a file that is mapped once it is complete.
type store struct {
	size   int // bytes an image
	pix    []uint8
	file   *os.File // while it is written; nil when the images are in memory
	mapped bool
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
		return nil, Errorf("the image cache of %d MiB does not fit in --cache-ram and no file can be made for it: %w", total>>20, err)
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
	if _, err := s.file.WriteAt(pix, int64(i)*int64(s.size)); err != nil {
		return Errorf("the image cache cannot be written: %w", plainCause(err))
	}
	return nil
}

// seal ends writing; image may be called from now on.
func (s *store) seal(n int) error {
	if s.file == nil {
		return nil
	}
	defer s.file.Close()
	total := n * s.size
	if err := s.file.Truncate(int64(total)); err != nil { // images that were skipped at the end leave it short
		return Errorf("the image cache cannot be written: %w", plainCause(err))
	}
	pix, err := unix.Mmap(int(s.file.Fd()), 0, total, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("the image cache of %d MiB cannot be mapped: %w", total>>20, err)
	}
	s.file, s.pix, s.mapped = nil, pix, true
	return nil
}

// image is image i: shared memory, which ends with close.
func (s *store) image(i int) []uint8 { return s.pix[i*s.size : (i+1)*s.size : (i+1)*s.size] }

func (s *store) close() error {
	pix, file := s.pix, s.file
	s.pix, s.file = nil, nil
	switch {
	case file != nil:
		return file.Close()
	case s.mapped && pix != nil:
		return unix.Munmap(pix)
	}
	return nil
}

package file

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"math"
)

// archive is a zip file whose directory has been checked. Entries are read on demand.
type archive struct {
	names   []string // in the directory's order
	entries map[string]*zip.File
	extra   allowance
}

// allowance is the number of bytes that may still be allocated for data that is not in the file as it is: inflated entries, and copies
// of tensors whose elements are out of order or shared. Weights hardly compress and are seldom copied, so that 16 times the
// size of the file is never reached; the 64 MiB are for small files of constants.
type allowance struct{ left, size int64 }

func newAllowance(size int64) allowance {
	return allowance{64<<20 + 16*min(size, math.MaxInt64>>5), size}
}

func (a *allowance) take(n int) error {
	if int64(n) > a.left {
		return fmt.Errorf("%d more bytes would be made from a file of %d: more than is allowed for its size", n, a.size)
	}
	a.left -= int64(n)
	return nil
}

// openArchive reads the directory of a zip file of that size.
func openArchive(r io.ReaderAt, size int64) (*archive, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("a damaged or truncated zip file (%w)", err)
	}
	a := &archive{entries: map[string]*zip.File{}, extra: newAllowance(size)}
	left := uint64(size)
	for _, f := range z.File {
		if err := checkEntry(f); err != nil {
			return nil, fmt.Errorf("entry %q %w", f.Name, err)
		}
		if a.entries[f.Name] != nil {
			return nil, fmt.Errorf("entry %q is there twice", f.Name)
		}
		// Entries that are together longer than the file overlap, and a small file could pretend to be a large one.
		if f.CompressedSize64 > left {
			return nil, fmt.Errorf("entry %q is longer than the rest of the file without the other entries", f.Name)
		}
		left -= f.CompressedSize64
		a.names = append(a.names, f.Name)
		a.entries[f.Name] = f
	}
	return a, nil
}

// encrypted is the flag of an encrypted zip entry.
const encrypted = 1

func checkEntry(f *zip.File) error {
	switch {
	case f.Flags&encrypted != 0:
		return errors.New("is encrypted")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return fmt.Errorf("is compressed by method %d; only stored and deflated entries are read", f.Method)
	case f.Method == zip.Store && f.CompressedSize64 != f.UncompressedSize64:
		return fmt.Errorf("is stored uncompressed in %d bytes but has %d", f.CompressedSize64, f.UncompressedSize64)
	case f.UncompressedSize64 > math.MaxInt:
		return errors.New("is too large for this machine")
	}
	return nil
}

// read is the content of the named entry, checked against its length and its checksum.
func (a *archive) read(name string) ([]byte, error) {
	f := a.entries[name]
	if f == nil {
		return nil, fmt.Errorf("entry %q is missing", name)
	}
	if f.Method == zip.Deflate {
		if err := a.extra.take(int(f.UncompressedSize64)); err != nil {
			return nil, fmt.Errorf("entry %q: %w", name, err)
		}
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("entry %q: %w", name, err)
	}
	defer r.Close()
	b := make([]byte, f.UncompressedSize64)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("entry %q is truncated (%w)", name, err)
	}
	if _, err := r.Read(make([]byte, 1)); err != io.EOF { // the checksum is compared at the end
		return nil, fmt.Errorf("entry %q is damaged (%v)", name, err)
	}
	return b, nil
}

// Package matfile reads MATLAB's MAT files of version 5 (MATLAB 5 to 7.2, and what scipy.io.savemat writes): numbers,
// text, cell arrays and struct arrays, compressed or not. Sizes in the file are compared with the bytes that are
// there before memory is allocated.
package matfile

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	headerBytes = 128
	// maxInflated bounds the bytes that all compressed elements of a file unpack to. The largest list that is read here, that of
	// the 16,185 images of Cars196, takes about 10 MB.
	maxInflated = 64 << 20
	// maxArrays bounds the arrays of a file. Each takes some 150 bytes of memory but as few as 8 in the file. The
	// list of Cars196 has 113,000.
	maxArrays = 1 << 20
	// maxDepth bounds cells in cells, which are read by recursion. A struct array of scalars, as in all lists here, has depth 2.
	maxDepth = 8
)

// Read reads all variables of the MAT file b, by their names; the arrays share b's memory. Errors are sentences that name
// the byte of the file: another kind or version of file, a big-endian one, one that is cut off, sizes that contradict each
// other, a kind of array that is not read (complex, sparse, objects), limits.
func Read(b []byte) (map[string]*Array, error) {
	if err := checkHeader(b); err != nil {
		return nil, err
	}
	r := &reader{}
	vars := map[string]*Array{}
	for rest := (span{b: b[headerBytes:], at: headerBytes}); len(rest.b) > 0; {
		start := rest
		a, name, err := r.variable(&rest)
		if err != nil {
			return nil, err
		}
		if vars[name] != nil {
			return nil, start.fail("a second variable of the name %q", name)
		}
		vars[name] = a
	}
	return vars, nil
}

// checkHeader recognises MAT 5: after 124 bytes of text and offsets follow a version and the letters MI as a
// 16-bit number, which show the byte order.
func checkHeader(b []byte) error {
	switch {
	case bytes.HasPrefix(b, []byte("MATLAB 7.3")) || bytes.HasPrefix(b, []byte("\x89HDF")):
		return errors.New("it is a MAT file of version 7.3 (HDF5): expected version 5, which MATLAB writes with -v7 or -v6")
	case len(b) < headerBytes:
		return fmt.Errorf("the file ends at byte %d: expected the %d bytes of a MAT file's header", len(b), headerBytes)
	case string(b[126:128]) == "MI":
		return errors.New("byte 126: the file is big-endian: expected a little-endian MAT file")
	case string(b[126:128]) != "IM":
		return errors.New("byte 126: it is not a MAT file of version 5")
	case binary.LittleEndian.Uint16(b[124:]) != 0x0100:
		return fmt.Errorf("byte 124: the version is %#04x: expected 0x0100, that of MAT 5", binary.LittleEndian.Uint16(b[124:]))
	}
	return nil
}

// reader counts how much of the limits a file has used.
type reader struct{ inflated, arrays int }

// variable reads the next element at the top of the file: an array, compressed or not.
func (r *reader) variable(rest *span) (*Array, string, error) {
	e, err := rest.element()
	if err == nil && e.kind == miCompressed {
		e, err = r.inflate(e.data)
	}
	if err != nil {
		return nil, "", err
	}
	return r.array(e, 1)
}

// inflate unpacks a compressed element, which holds one array.
func (r *reader) inflate(packed span) (element, error) {
	z, err := zlib.NewReader(bytes.NewReader(packed.b))
	if err != nil {
		return element{}, packed.fail("the compressed data cannot be read: %w", err)
	}
	// Reading to the end also checks the checksum. The buffer grows only as bytes arrive.
	b, err := io.ReadAll(io.LimitReader(z, int64(maxInflated-r.inflated)+1))
	if err != nil {
		return element{}, packed.fail("the compressed data cannot be read: %w", err)
	}
	if r.inflated += len(b); r.inflated > maxInflated {
		return element{}, packed.fail("the compressed data is more than the limit of %d bytes", maxInflated)
	}
	rest := span{b: b, in: fmt.Sprintf(" of what the data at byte %d unpacks to", packed.at)}
	e, err := rest.element()
	if err == nil && len(rest.b) > 0 {
		err = rest.fail("%d bytes follow the array", len(rest.b))
	}
	return e, err
}

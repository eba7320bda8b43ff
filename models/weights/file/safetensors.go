package file

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// openSafetensors lists the tensors of a safetensors file of size bytes from its header; their elements are read on request. A file
// that cannot be safetensors is refused before memory of its size is allocated.
func openSafetensors(r io.ReaderAt, size int64) (*Opened, error) {
	h, start, err := readHeader(r, size)
	if err != nil {
		return nil, err
	}
	if err := h.place(int(size - start)); err != nil {
		return nil, err
	}
	o := &Opened{Format: formatSafetensors, Metadata: h.metadata}
	for _, e := range h.entries {
		load := func() ([]byte, error) { return readEntry(r, start, e) }
		o.listed = append(o.listed, listed{Tensor{Name: e.name, DType: e.dtype, Shape: e.shape}, load})
	}
	return o, nil
}

// readEntry reads the elements of a tensor, whose place in the file has been checked.
func readEntry(r io.ReaderAt, start int64, e entry) ([]byte, error) {
	b := make([]byte, e.end-e.begin)
	if _, err := io.ReadFull(io.NewSectionReader(r, start+int64(e.begin), int64(len(b))), b); err != nil {
		return nil, fmt.Errorf("tensor %q: %w", e.name, err)
	}
	return b, nil
}

// readHeader reads the header of a file of size bytes, which may be no longer than that; start is the place of the first element.
func readHeader(r io.ReaderAt, size int64) (h *header, start int64, err error) {
	var first [8]byte
	n, _ := r.ReadAt(first[:], 0)
	length, err := headerLength(first[:n], size)
	if err != nil {
		if first[0] == pickleStart && binary.LittleEndian.Uint64(first[:]) > maxHeader {
			err = errors.New("a Python pickle that was not written by torch.save (nothing in it was run): " +
				"save the model's state_dict() with torch.save")
		}
		return nil, 0, err
	}
	b := make([]byte, length)
	if _, err := io.ReadFull(io.NewSectionReader(r, 8, int64(length)), b); err != nil {
		return nil, 0, err
	}
	h, err = parseHeader(b)
	return h, 8 + int64(length), err
}

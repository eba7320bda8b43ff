package file

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// maxHeader is the limit of the safetensors library for the length of a header.
const maxHeader = 100_000_000

// Parse reads a whole safetensors file. The tensors share memory with b and are in the order of their bytes.
// It refuses everything that the safetensors library refuses: a header that does not fit or is not the expected JSON,
// duplicate names, unknown dtypes, sizes that differ from dtype and shape, overlaps, holes, and bytes left over.
func Parse(b []byte) (*Weights, error) {
	n, err := headerLength(b, int64(len(b)))
	if err != nil {
		return nil, err
	}
	h, err := parseHeader(b[8 : 8+n])
	if err != nil {
		return nil, err
	}
	data := b[8+n:]
	if err := h.place(len(data)); err != nil {
		return nil, err
	}
	f := &Weights{Format: formatSafetensors, Metadata: h.metadata}
	for _, e := range h.entries {
		f.Tensors = append(f.Tensors, Tensor{Name: e.name, DType: e.dtype, Shape: e.shape, Data: data[e.begin:e.end:e.end]})
	}
	return f, nil
}

// headerLength reads the first 8 bytes of a file of that size.
func headerLength(b []byte, size int64) (int, error) {
	if len(b) < 8 {
		return 0, errors.New("not a safetensors file: shorter than 8 bytes")
	}
	n := binary.LittleEndian.Uint64(b)
	if n > maxHeader {
		return 0, errors.New("its beginning is not that of a weights file: " +
			"neither the length of a safetensors header, nor the start of a torch or .npz file")
	}
	if int64(n) > size-8 {
		return 0, fmt.Errorf("not a safetensors file, or a truncated one: its header would take %d bytes, the file has %d", n, size)
	}
	return int(n), nil
}

// place checks that the entries, sorted by place, fill total bytes without gap or overlap.
func (h *header) place(total int) error {
	slices.SortStableFunc(h.entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	at := 0
	for _, e := range h.entries {
		want, err := byteSize(e.dtype, e.shape)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", e.name, err)
		}
		switch {
		case e.begin < at:
			return fmt.Errorf("tensor %q starts at byte %d, inside the one before it", e.name, e.begin)
		case e.begin > at:
			return fmt.Errorf("tensor %q starts at byte %d, leaving a hole from %d", e.name, e.begin, at)
		case e.end < e.begin || e.end-e.begin != want:
			return fmt.Errorf("tensor %q has bytes %d to %d, but %s%v takes %d", e.name, e.begin, e.end, e.dtype, e.shape, want)
		case e.end > total:
			return fmt.Errorf("tensor %q ends at byte %d, but there are %d: the file is truncated", e.name, e.end, total)
		}
		at = e.end
	}
	if at != total {
		return fmt.Errorf("%d bytes at its end belong to no tensor", total-at)
	}
	return nil
}

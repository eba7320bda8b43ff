package file

import (
	"fmt"
	"io"
)

// ReadMetadata is the metadata of the safetensors file at path, without its tensors; errors name it.
func ReadMetadata(path string) (map[string]string, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	meta, err := metadata(f, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return meta, nil
}

// metadata reads the header of a file of size bytes. The header may be no longer than that.
func metadata(r io.ReaderAt, size int64) (map[string]string, error) {
	var first [8]byte
	n, _ := r.ReadAt(first[:], 0)
	length, err := headerLength(first[:n], size)
	if err != nil {
		return nil, err
	}
	b := make([]byte, length)
	if _, err := io.ReadFull(io.NewSectionReader(r, 8, int64(length)), b); err != nil {
		return nil, err
	}
	h, err := parseHeader(b)
	if err != nil {
		return nil, err
	}
	return h.metadata, nil
}

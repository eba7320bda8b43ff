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

// metadata reads the header of a file of size bytes.
func metadata(r io.ReaderAt, size int64) (map[string]string, error) {
	h, _, err := readHeader(r, size)
	if err != nil {
		return nil, err
	}
	return h.metadata, nil
}

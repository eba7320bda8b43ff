package faultfs

import (
	"errors"
	"io"

	"udml-gpu/models/disk"
)

// Read is the content of the file at path on fsys. It has no limit: it is for what a test has written itself.
func Read(fsys disk.FS, path string) ([]byte, error) {
	f, err := fsys.Open(path)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(f)
	return b, errors.Join(err, f.Close())
}

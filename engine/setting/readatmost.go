package setting

import (
	"errors"
	"fmt"
	"io"

	"udml-gpu/models/disk"
)

// ReadAtMost reads r, the file at path, to its end. More than limit bytes are an error.
func ReadAtMost(r io.Reader, path string, limit int64) ([]byte, error) {
	b, err := disk.ReadAtMost(r, 0, limit)
	if errors.Is(err, disk.ErrTooLong) {
		err = fmt.Errorf("%s has more than %d KiB, the limit for this file", path, limit>>10)
	}
	return b, err
}

package setting

import (
	"errors"
	"fmt"
	"io"

	"udml-gpu/models/disk"
)

// ReadAtMost reads r, the file at path, to its end, which must come within limit bytes.
func ReadAtMost(r io.Reader, path string, limit int64) ([]byte, error) {
	b, err := disk.ReadAtMost(r, 0, limit)
	if errors.Is(err, disk.ErrTooLong) {
		err = fmt.Errorf("%s has more than %d KiB, which no run writes", path, limit>>10)
	}
	return b, err
}

package setting

import (
	"fmt"
	"io"
)

// ReadAtMost reads r, the file at path, to its end, which must come within limit bytes.
func ReadAtMost(r io.Reader, path string, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s has more than %d KiB, which no run writes", path, limit>>10)
	}
	return b, err
}

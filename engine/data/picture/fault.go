package picture

import (
	"errors"
	"fmt"

	"udml-gpu/engine/data/picture/unread"
)

// fault is err with the format's name. An error that says which kind of file is not read is a sentence of its own: the file is
// not damaged.
func (f *format) fault(what string, err error) error {
	var kind *unread.Error
	if errors.As(err, &kind) {
		return kind
	}
	return fmt.Errorf("%s %s: %w", f.name, what, err)
}

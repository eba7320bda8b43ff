package picture

import (
	"errors"
	"fmt"

	"udml-gpu/engine/data/picture/unread"
)

// fault adds the format's name to err. An *unread.Error is returned as it is: it is a full sentence, and the file is
// not damaged.
func (f *format) fault(what string, err error) error {
	var kind *unread.Error
	if errors.As(err, &kind) {
		return kind
	}
	return fmt.Errorf("%s %s: %w", f.name, what, err)
}

package disk

import (
	"errors"
	"io/fs"
	"os"
)

// Cause is err without the operation and the path of a file, which may be a temporary one.
func Cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

package engine

import "errors"

// ErrDiverged: no step of an epoch had finite numbers; the program exits with code 4.
var ErrDiverged = errors.New("training diverged: every step of the epoch gave numbers that are not finite; " +
	"the last checkpoint is intact; lower --lr")

// Usage is an error for a wrong flag or setting; the program exits with code 2.
func Usage(format string, args ...any) error { return usage(format, args...) }

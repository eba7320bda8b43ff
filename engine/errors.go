package engine

import "errors"

// ErrDiverged: the numbers of a run diverged or its embedding collapsed; the program exits with code 4. The errors that wrap
// it, of type Divergence, say what was seen.
var ErrDiverged = errors.New("training diverged")

// Usage is an error for a wrong flag or setting; the program exits with code 2.
func Usage(format string, args ...any) error { return usage(format, args...) }

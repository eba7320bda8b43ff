package network

import "errors"

// ErrDiverged: the numbers of a run diverged or its embedding collapsed; the program exits with code 4. The errors that wrap
// it, of type Divergence, say what was seen.
var ErrDiverged = errors.New("training diverged")

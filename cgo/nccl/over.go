package nccl

import "errors"

// errOver is the error of calls of a communicator that has been aborted.
var errOver = errors.New("the communicator of NCCL has ended")

// Package cuda is the CUDA driver as this project uses it: calls through gorgonia.org/cu, and beside it those that
// cu lacks (function attributes, pinned memory, stream capture, graphs, error texts). It shows plain Go types alone.
//
// With the build tag cuda the package links the loader shim (scripts/shim.sh), so that one binary serves machines with
// and without a driver; without the tag, or without cgo, every call answers that this build has no CUDA backend.
//
// Calls that take a Context or an object made from it must come from the one thread on which Open was called.
package cuda

import (
	"errors"
	"fmt"
)

// NeedDriver is the oldest driver that loads kernels compiled by the pinned toolkit: that of CUDA 13.0.
const NeedDriver = 13000

// NeedMajor is the first number of the oldest compute capability that the kernels are compiled for: 8.0, Ampere.
const NeedMajor = 8

// ErrNoBackend says that the program was built without CUDA.
var ErrNoBackend = errors.New("this build has no CUDA backend")

// Info describes a device.
type Info struct {
	Name            string
	UUID            string // the same for all processes that use the GPU
	Major, Minor    int    // compute capability
	Memory          int64  // bytes in all
	Multiprocessors int
	SharedPerBlock  int // bytes of dynamic shared memory that a block may ask for
	Shared          int // bytes of shared memory of a multiprocessor
	Registers       int // of 32 bits, of a multiprocessor
	Threads         int // that a multiprocessor holds at a time
	L2              int // bytes
	ClockKHz        int
	MemoryClockKHz  int
	MemoryBusBits   int
}

// Occupancy is how a kernel uses a multiprocessor in launches with blocks of one size.
type Occupancy struct {
	Registers int // of a thread
	Static    int // bytes of shared memory that it has besides the dynamic ones
	Local     int // bytes of local memory of a thread: registers that were spilled
	Blocks    int // that a multiprocessor holds at a time
}

// Capability is the compute capability as users know it, such as "9.0".
func (i Info) Capability() string { return fmt.Sprintf("%d.%d", i.Major, i.Minor) }

// Error is a driver call that failed.
type Error struct {
	Call string // such as "cuLaunchKernel distance_pairwise"
	Code int    // CUresult
	Name string // such as "CUDA_ERROR_ILLEGAL_ADDRESS"
	Text string // the driver's own words
}

// Error names the call, the code and the driver's text.
func (e *Error) Error() string {
	return fmt.Sprintf("%s failed: %s (%s, code %d)", e.Call, e.Text, e.Name, e.Code)
}

// codeOutOfMemory is CUDA_ERROR_OUT_OF_MEMORY.
const codeOutOfMemory = 2

// IsOutOfMemory says that err is a driver call that found no memory.
func IsOutOfMemory(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == codeOutOfMemory
}

// VersionText is a driver version such as 13000 as people write it: "13.0".
func VersionText(v int) string { return fmt.Sprintf("%d.%d", v/1000, v%1000/10) }

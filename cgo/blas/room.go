//go:build cgo && !windows

package blas

import (
	"bytes"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// OpenBLAS works in a buffer of its own for each call that runs at the same time, and takes the first one when it is first called. If
// the system refuses it, OpenBLAS asks again without end. So if memory is limited, the program checks for room before it opens the library,
// and takes the buffers at once.
const (
	bufferBytes = 128<<20 + 64<<10 // of OpenBLAS on x86-64 and arm64, alignment included
	spareBytes  = 320 << 20        // for the library itself, twice a buffer while it is loaded, and for the program beside it
)

// callers is how many goroutines multiply at the same time: one for each tile that is worked on.
func callers() int { return runtime.GOMAXPROCS(0) }

// limited tells whether the system may refuse this process memory that it reserves and does not use yet.
func limited() bool {
	for _, resource := range []int{unix.RLIMIT_AS, unix.RLIMIT_DATA} {
		var l unix.Rlimit
		if unix.Getrlimit(resource, &l) == nil && l.Cur != unix.RLIM_INFINITY {
			return true
		}
	}
	strict, _ := os.ReadFile("/proc/sys/vm/overcommit_memory") // without such a file nothing says that memory is limited
	return bytes.HasPrefix(strict, []byte("2"))
}

// crowded says why there is no room for OpenBLAS, "" when there is.
func crowded(callers int) string {
	need := callers*bufferBytes + spareBytes
	room, err := unix.Mmap(-1, 0, need, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err == nil {
		err = unix.Munmap(room)
	}
	if err == nil {
		return ""
	}
	return fmt.Sprintf("OpenBLAS is not used: it needs %d MiB for its buffers at GOMAXPROCS=%d, and this process may not take so much "+
		"(ulimit -v, ulimit -d): matrices are multiplied in pure Go, which is slower", need>>20, callers)
}

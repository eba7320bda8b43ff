package cache

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"
)

// pageBytes is the smallest size of a page of memory.
const pageBytes = 4096

// readFault is the first failure to read mapped images: the file was truncated, or its disk or network volume is
// gone.
type readFault struct{ first atomic.Pointer[string] }

// reachable reads one byte of every page of pix, which is mapped memory; ok is false where that failed. A page that the disk cannot
// deliver ends a Go program unless the goroutine has asked for a panic instead. Only this function asks for it, so that
// all other code can read the pixels as ordinary memory. Returning the sum keeps the compiler from dropping the reads.
//
//go:noinline
func (t *readFault) reachable(pix []uint8) (sum uint8, ok bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if fault := recover(); fault != nil {
			what := fmt.Sprint(fault)
			t.first.CompareAndSwap(nil, &what)
		}
	}()
	for i := 0; i < len(pix); i += pageBytes {
		sum += pix[i]
	}
	return sum + pix[len(pix)-1], true
}

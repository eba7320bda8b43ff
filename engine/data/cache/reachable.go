package cache

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"
)

// pageBytes is at most the size of a page of memory.
const pageBytes = 4096

// trouble is the first failure to read mapped images: the disk, or the volume over the network, that their file lies on is
// gone, or somebody has cut the file off.
type trouble struct{ first atomic.Pointer[string] }

// reachable reads a byte of every page of pix, which is mapped memory; ok is false where that failed. A page that the disk does not
// give ends a Go program, unless the goroutine that touches it has asked for a panic instead: it is asked for here, so that
// all other code can read on without care. The sum is there for the reads to have a use.
//
//go:noinline
func (t *trouble) reachable(pix []uint8) (sum uint8, ok bool) {
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

//go:build cgo && linux

package nccl

/*
#cgo CFLAGS: -std=c11
#cgo LDFLAGS: -ldl
#include <stdlib.h>
#include "nccl.h"
*/
import "C"

import (
	"fmt"
	"strings"
	"sync"
	"time"
	"unsafe"

	"udml-gpu/cgo/library"
)

func bind(handle unsafe.Pointer) (v library.Version, missing string) {
	if name := C.udml_nccl_bind(handle); name != nil {
		return v, C.GoString(name)
	}
	return versionOf(int(C.udml_nccl_version())), ""
}

// failed is a result as an error: nil for success, and for a call that goes on.
func failed(call string, result C.int) error {
	if result == C.UDML_NCCL_SUCCESS || result == C.UDML_NCCL_IN_PROGRESS {
		return nil
	}
	text := C.GoString(C.udml_nccl_text(result))
	if last := strings.Join(strings.Fields(C.GoString(C.udml_nccl_last_error())), " "); last != "" {
		text += ": " + last
	}
	return fmt.Errorf("%s failed: %s (NCCL's result %d)", call, text, int(result))
}

// NewID makes the name of a communicator. Problem must be "".
func NewID() (id ID, err error) {
	err = failed("ncclGetUniqueId", C.udml_nccl_id(unsafe.Pointer(&id[0])))
	return id, err
}

// Comm is a communicator: this process among others. Its calls do not wait.
type Comm struct {
	at   *unsafe.Pointer // in memory of C, where the library may write for as long as the communicator begins
	busy chan struct{}   // holds one while Exchange or Add calls the library
	mu   sync.Mutex
	over bool // aborted or destroyed: nothing may call the library with it
}

// Begin begins a communicator of so many ranks, for the GPU whose context is the calling thread's. State tells when it can be used. After
// an error there may be a communicator, to be aborted.
func Begin(id ID, ranks, rank int) (*Comm, error) {
	c := &Comm{at: (*unsafe.Pointer)(C.calloc(1, C.size_t(unsafe.Sizeof(unsafe.Pointer(nil))))), busy: make(chan struct{}, 1)}
	err := failed("ncclCommInitRankConfig", C.udml_nccl_init(c.at, C.int(ranks), unsafe.Pointer(&id[0]), C.int(rank)))
	c.over = *c.at == nil
	return c, err
}

// State says whether a call still goes on, or what has gone wrong, here or in another process.
func (c *Comm) State() (busy bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return false, errOver
	}
	state := C.int(C.UDML_NCCL_SUCCESS)
	if err := failed("ncclCommGetAsyncError", C.udml_nccl_state(*c.at, &state)); err != nil {
		return false, err
	}
	return state == C.UDML_NCCL_IN_PROGRESS, failed("NCCL", state)
}

// Exchange queues messages as one group on the stream (the driver's handle of it). Those between two ranks are matched in their order. It
// returns when they are queued, which the first time takes as long as connecting to the peers; State then says so.
func (c *Comm) Exchange(stream unsafe.Pointer, messages []Message) error {
	if len(messages) == 0 {
		return nil
	}
	list := make([]C.udml_nccl_message, len(messages))
	for i, m := range messages {
		list[i] = C.udml_nccl_message{address: C.uintptr_t(m.Address), bytes: C.size_t(m.Bytes), peer: C.int(m.Peer)}
		if m.Receive {
			list[i].receive = 1
		}
	}
	return c.queue("a group of ncclSend and ncclRecv", func() C.int {
		return C.udml_nccl_exchange(*c.at, stream, &list[0], C.int(len(list)))
	})
}

// Add queues on the stream that n numbers at an address of the GPU, float64 where wide says so, else float32, become the sums of those of
// all ranks. The library decides the order of the additions. All ranks have the same sums. It returns as Exchange does.
func (c *Comm) Add(stream unsafe.Pointer, address uint64, n int, wide bool) error {
	w := C.int(0)
	if wide {
		w = 1
	}
	return c.queue("ncclAllReduce", func() C.int { return C.udml_nccl_add(*c.at, stream, C.uintptr_t(address), C.size_t(n), w) })
}

// queue makes a call that queues work, unless the communicator has ended.
func (c *Comm) queue(call string, f func() C.int) error {
	c.busy <- struct{}{}
	defer func() { <-c.busy }()
	c.mu.Lock()
	over := c.over
	c.mu.Unlock()
	if over {
		return errOver
	}
	return failed(call, f())
}

// Finalize begins to end the communicator in good order, which all ranks have to do. State tells when that is done; then call Destroy.
func (c *Comm) Finalize() error { return failed("ncclCommFinalize", C.udml_nccl_finalize(*c.at)) }

// Destroy frees a communicator that was finalized.
func (c *Comm) Destroy() error {
	return c.end("ncclCommDestroy", func() C.int { return C.udml_nccl_destroy(*c.at) })
}

// abortGrace is how long Abort waits for a call of Exchange or Add, so that the library does not see both.
const abortGrace = time.Second

// Abort ends the communicator and what it does on the device, whatever the other processes do. It may be called from any goroutine.
func (c *Comm) Abort() error {
	select {
	case c.busy <- struct{}{}:
		defer func() { <-c.busy }()
	case <-time.After(abortGrace):
	}
	return c.end("ncclCommAbort", func() C.int { return C.udml_nccl_abort(*c.at) })
}

func (c *Comm) end(call string, f func() C.int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return nil
	}
	c.over = true
	return failed(call, f())
}

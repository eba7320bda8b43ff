//go:build cgo && cuda

package cuda

/*
#include "sibling.h"
#include <stdlib.h>
*/
import "C"

import (
	"sync/atomic"
	"unsafe"

	"gorgonia.org/cu"
)

// Stream is a queue of the device: its work runs in order.
type Stream struct{ s cu.Stream }

// NewStream is a stream that does not wait for the default stream.
func (c *Context) NewStream() (Stream, error) {
	s, err := cu.MakeStream(cu.NonBlocking)
	return Stream{s}, failed("cuStreamCreate", err)
}

// Destroy ends the stream.
func (s Stream) Destroy() error { return failed("cuStreamDestroy", s.s.Destroy()) }

// Sync waits for the stream.
func (s Stream) Sync() error { return failed("cuStreamSynchronize", s.s.Synchronize()) }

// Wait makes later work of the stream wait for e.
func (s Stream) Wait(e Event) error { return failed("cuStreamWaitEvent", s.s.Wait(e.e, 0)) }

// Handle is the driver's own handle, for libraries that take one.
func (s Stream) Handle() unsafe.Pointer { return unsafe.Pointer(s.handle()) }

func (s Stream) handle() C.CUstream { return *(*C.CUstream)(unsafe.Pointer(&s.s)) }

// Counter counts what a stream has come past. It is memory outside that of Go, and is never given back, since the driver may still count.
type Counter struct{ passed *C.ulonglong }

// NewCounter is a counter at 0.
func NewCounter() Counter { return Counter{(*C.ulonglong)(C.calloc(1, 8))} }

// Passed is how often the counter has counted. It asks no driver.
func (c Counter) Passed() uint64 { return atomic.LoadUint64((*uint64)(unsafe.Pointer(c.passed))) }

// Count has the counter count one when all earlier work of the stream is done.
func (s Stream) Count(c Counter) error {
	return status("cuLaunchHostFunc", C.udml_cuda_count(s.handle(), c.passed))
}

// Event marks a place in a stream.
type Event struct{ e cu.Event }

// NewEvent is an event that measures time when timed.
func (c *Context) NewEvent(timed bool) (Event, error) {
	flags := cu.DisableTiming
	if timed {
		flags = 0
	}
	e, err := cu.MakeEvent(flags)
	return Event{e}, failed("cuEventCreate", err)
}

// Record marks the present end of the stream.
func (e Event) Record(s Stream) error { return failed("cuEventRecord", e.e.Record(s.s)) }

// Sync waits until the work before the mark is done.
func (e Event) Sync() error { return failed("cuEventSynchronize", e.e.Synchronize()) }

// Since is the seconds from another timed event to e; both must have happened.
func (e Event) Since(start Event) (float64, error) {
	ms, err := start.e.Elapsed(e.e)
	return ms / 1000, failed("cuEventElapsedTime", err)
}

// Destroy gives the event back.
func (e Event) Destroy() error { return failed("cuEventDestroy", cu.DestroyEvent(&e.e)) }

// Graph is recorded work that is launched as a whole.
type Graph struct{ g C.CUgraphExec }

// BeginCapture turns later work of the stream into nodes of a graph instead of running it.
func (s Stream) BeginCapture() error {
	return status("cuStreamBeginCapture", C.udml_cuda_begin_capture(s.handle()))
}

// EndCapture is the graph captured, ready to launch.
func (s Stream) EndCapture() (Graph, error) {
	var g Graph
	err := status("cuStreamEndCapture", C.udml_cuda_end_capture(s.handle(), &g.g))
	return g, err
}

// Launch queues the whole graph.
func (g Graph) Launch(s Stream) error {
	return status("cuGraphLaunch", C.udml_cuda_graph_launch(g.g, s.handle()))
}

// Destroy gives the graph back.
func (g Graph) Destroy() error { return status("cuGraphExecDestroy", C.udml_cuda_graph_destroy(g.g)) }

package kernels

import (
	"fmt"
	"slices"
	"sync"
	"unsafe"
)

// Queue runs f in its turn among the ops, on the thread that makes the device's driver calls, and does not wait. With it
// an op gives work to a library. f gets the stream on which the ops run, as the driver's own handle; it must put its
// work there and not wait for it. An error is a fault of the device, and names the call. On the CPU it panics.
func (d *Device) Queue(call string, f func(stream unsafe.Pointer) error) {
	d.wantGPU(call)
	d.gpu.queue <- command{call: call, run: func(t *thread) error { return t.withStream(call, f) }}
}

// QueueSync is Queue that waits until f has run, not until the device has done what f put on the stream. After a fault
// of the device f does not run. An outcome of f that is no fault goes into variables of its caller.
func (d *Device) QueueSync(call string, f func(stream unsafe.Pointer) error) {
	d.wantGPU(call)
	d.gpu.now(func(t *thread) error { return t.withStream(call, f) })
}

// withStream calls f with the stream.
func (t *thread) withStream(call string, f func(stream unsafe.Pointer) error) error {
	err := f(t.stream.Handle())
	if err == nil && t.each && !t.capturing {
		err = t.stream.Sync()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", call, err)
	}
	return nil
}

// OnClose has f called when the device is closed, on the thread of Queue, after all ops and before the memory goes: for
// handles of libraries, which are made and destroyed on one thread. The last one registered is called first.
func (d *Device) OnClose(f func()) {
	d.wantGPU("OnClose")
	d.gpu.closers.add(f)
}

func (d *Device) wantGPU(call string) {
	if d.gpu == nil {
		panic("kernels: " + call + " queued on " + d.name)
	}
}

// closers are the functions of OnClose.
type closers struct {
	sync.Mutex
	list []func()
}

func (c *closers) add(f func()) {
	c.Lock()
	defer c.Unlock()
	c.list = append(c.list, f)
}

// run calls them, the last one first.
func (c *closers) run() {
	c.Lock()
	defer c.Unlock()
	for _, f := range slices.Backward(c.list) {
		f()
	}
	c.list = nil
}

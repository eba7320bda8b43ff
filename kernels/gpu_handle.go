package kernels

import (
	"sync"
	"unsafe"
)

// OpenHandle sets a library up on the GPU: open runs on the thread of Queue, in whose context the handle then is, and
// OpenHandle waits for it. problem and wrong are what the search for the library gave. If problem is not "", open is
// not called, and wrong, unless nil, is a fault of the device that names the call. An error of open is no fault: ops can do
// without the library. why is the reason why there is no handle, "" if there is one or the device had a fault before.
func OpenHandle[H any](d *Device, call, problem string, wrong error, open func() (H, error)) (handle H, why string) {
	why = problem
	d.QueueSync(call, func(unsafe.Pointer) error {
		if problem != "" {
			return wrong
		}
		h, err := open()
		if err != nil {
			why = err.Error()
			return nil
		}
		handle = h
		return nil
	})
	return handle, why
}

// PerDevice keeps one value for each GPU, such as the handle of a library. The zero value is ready.
type PerDevice[T any] struct {
	mu   sync.Mutex
	kept map[*Device]T
}

// Of is the value for d. The first call makes it by open, in the calling goroutine; closing the device forgets it and
// calls shut, on the thread of Queue.
func (p *PerDevice[T]) Of(d *Device, open func() T, shut func(T)) T {
	p.mu.Lock()
	defer p.mu.Unlock()
	if v, ok := p.kept[d]; ok {
		return v
	}
	v := open()
	if p.kept == nil {
		p.kept = map[*Device]T{}
	}
	p.kept[d] = v
	d.OnClose(func() {
		p.forget(d)
		shut(v)
	})
	return v
}

func (p *PerDevice[T]) forget(d *Device) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.kept, d)
}

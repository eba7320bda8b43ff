package kernels

import "sync"

// PerDevice keeps what a room needs once for each GPU, such as the handle of a library. The zero value is ready.
type PerDevice[T any] struct {
	mu   sync.Mutex
	kept map[*Device]T
}

// Of is what is kept for d. The first call makes it by open, in the calling goroutine; closing the device forgets it and
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

package kernels

import (
	"sync/atomic"

	"udml-gpu/cgo/cuda"
)

// Progress tells from any goroutine how far a GPU has come, without a call of the driver: one that hangs would not answer.
type Progress struct {
	dev     *Device
	placed  atomic.Uint64
	counter cuda.Counter
}

// NewProgress is the progress of a GPU, at whose marks it can then be seen.
func (d *Device) NewProgress() *Progress {
	d.wantGPU("NewProgress")
	return &Progress{dev: d, counter: cuda.NewCounter()}
}

// Mark queues a mark that is passed when all ops queued before are done. It costs the device some microseconds. In a capture it does
// nothing.
func (p *Progress) Mark() {
	p.placed.Add(1)
	p.dev.gpu.later(p.mark)
}

// TryMark is Mark unless the queue of ops is full, where it does nothing: so that it never waits.
func (p *Progress) TryMark() {
	p.placed.Add(1)
	select {
	case p.dev.gpu.queue <- command{run: p.mark}:
	default:
		p.placed.Add(^uint64(0))
	}
}

func (p *Progress) mark(t *thread) error {
	if t.capturing {
		p.placed.Add(^uint64(0))
		return nil
	}
	return t.stream.Count(p.counter)
}

// Marks are how many marks have been queued, and how many of them are passed.
func (p *Progress) Marks() (placed, passed uint64) { return p.placed.Load(), p.counter.Passed() }

// Fail makes err the fault of a GPU, unless it has one: ops then do nothing, and Err returns it. It may be called from any goroutine, and
// does not wait for what the device is doing.
func (d *Device) Fail(err error) {
	d.wantGPU("Fail")
	d.gpu.fail(err)
}

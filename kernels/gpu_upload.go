package kernels

import (
	"unsafe"

	"udml-gpu/cgo/cuda"
)

// bounce is pinned memory through which ordinary host memory goes to the device, a part at a time. On systems whose GPU sees
// all of the host's memory, the driver may read ordinary memory after its call has returned, when Go may have reused it.
type bounce struct {
	buffers [2]bounceBuffer
	next    int
}

type bounceBuffer struct {
	memory unsafe.Pointer
	read   cuda.Event // when the device has read the memory
}

// bounceBytes is the size of one of them.
const bounceBytes = 4 << 20

// toHost copies device memory to the host and waits for it.
func (g *gpu) toHost(dst []byte, src uint64) {
	g.now(func(t *thread) error {
		if err := t.outsideCapture("reading an array"); err != nil {
			return err
		}
		if err := t.stream.ToHost(unsafe.Pointer(unsafe.SliceData(dst)), src, len(dst)); err != nil {
			return err
		}
		return t.stream.Sync()
	})
}

// toDevice copies host memory to the device. The caller may change the memory before the command runs, so it is copied first.
func (g *gpu) toDevice(dst uint64, src []byte) {
	own := append([]byte(nil), src...)
	g.later(func(t *thread) error {
		if err := t.outsideCapture("writing an array"); err != nil {
			return err
		}
		return t.upload(dst, own)
	})
}

// upload copies src to the device, in order with the ops. src may be changed when it returns.
func (t *thread) upload(dst uint64, src []byte) error {
	for len(src) > 0 {
		n := min(len(src), bounceBytes)
		b, err := t.bounceBuffer()
		if err != nil {
			return err
		}
		copy(unsafe.Slice((*byte)(b.memory), n), src)
		if err := t.stream.ToDevice(dst, b.memory, n); err != nil {
			return err
		}
		if err := b.read.Record(t.stream); err != nil {
			return err
		}
		dst, src = dst+uint64(n), src[n:]
	}
	return nil
}

// bounceBuffer waits until the device has read the buffer that was used longest ago, and returns it. It is made on its first use.
func (t *thread) bounceBuffer() (*bounceBuffer, error) {
	b := &t.bounce.buffers[t.bounce.next]
	t.bounce.next = (t.bounce.next + 1) % len(t.bounce.buffers)
	if b.memory != nil {
		return b, b.read.Sync()
	}
	memory, err := t.ctx.AllocHost(bounceBytes)
	if err != nil {
		return nil, err
	}
	if b.read, err = t.ctx.NewEvent(false); err != nil {
		return nil, err
	}
	b.memory = memory
	return b, nil
}

// freeBounce gives the buffers back, once the stream is done.
func (t *thread) freeBounce() {
	for i := range t.bounce.buffers {
		if b := &t.bounce.buffers[i]; b.memory != nil {
			_ = b.read.Destroy()
			_ = t.ctx.FreeHost(b.memory)
		}
	}
}

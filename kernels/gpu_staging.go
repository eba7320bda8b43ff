package kernels

import (
	"unsafe"

	"udml-gpu/cgo/cuda"
)

// Staging is host memory on its way to a device: pinned, so that its copy runs beside the ops. A caller that fills one
// while the other is being copied keeps the device busy. On the CPU it is plain memory.
type Staging struct {
	dev         *Device
	host        []byte
	pinned      unsafe.Pointer
	ready, sent cuda.Event
}

// NewStaging is staging memory of that many bytes. Free gives it back.
func (d *Device) NewStaging(bytes int) *Staging {
	s := &Staging{dev: d}
	if d.gpu == nil {
		s.host = alignedBytes(bytes)
		return s
	}
	d.gpu.now(func(t *thread) (err error) {
		if s.ready, err = t.ctx.NewEvent(false); err != nil {
			return err
		}
		if s.sent, err = t.ctx.NewEvent(false); err != nil {
			return err
		}
		if s.pinned, err = t.ctx.AllocHost(max(bytes, 1)); err == nil {
			s.host = unsafe.Slice((*byte)(s.pinned), bytes)
		}
		return err
	})
	if s.pinned == nil { // a fault: memory that is never copied
		s.host = make([]byte, bytes)
	}
	return s
}

// StagingOf is the staging memory as elements, from byte offset on.
func StagingOf[T Element](s *Staging, offset, n int) []T {
	b := s.host[offset : offset+n*TypeOf[T]().Size()]
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// Send, Arrive and Wait are errors within a capture; a goroutine of its own, which cannot know of one, calls them in Device.Beside.
//
// Send starts to copy the first bytes of the memory to dst, which ops queued before may still read: the copy waits for
// those, and for none queued later. Arrive is called before dst is read, Wait before the memory is written again.
func (s *Staging) Send(dst *Array) {
	g := s.dev.gpu
	if g == nil {
		copy(dst.mem, s.host)
		return
	}
	addr, n := dst.addr, dst.Bytes()
	g.later(func(t *thread) error {
		if err := t.outsideCapture("sending staged data"); err != nil {
			return err
		}
		if err := s.ready.Record(t.stream); err != nil {
			return err
		}
		if err := t.copies.Wait(s.ready); err != nil {
			return err
		}
		if err := t.copies.ToDevice(addr, s.pinned, n); err != nil {
			return err
		}
		return s.sent.Record(t.copies)
	})
}

// Arrive makes all ops queued from now on wait for Send's copy.
func (s *Staging) Arrive() {
	if g := s.dev.gpu; g != nil {
		g.later(func(t *thread) error {
			if err := t.outsideCapture("waiting for staged data"); err != nil {
				return err
			}
			return t.stream.Wait(s.sent)
		})
	}
}

// Wait returns when the last Send has read the memory.
func (s *Staging) Wait() {
	if g := s.dev.gpu; g != nil {
		g.now(func(t *thread) error {
			if err := t.outsideCapture("waiting until staged data are sent"); err != nil {
				return err
			}
			return s.sent.Sync()
		})
	}
}

// Free gives the memory back, after the last Send.
func (s *Staging) Free() {
	g := s.dev.gpu
	if g == nil || s.pinned == nil {
		return
	}
	g.now(func(t *thread) error {
		_ = s.sent.Sync()
		_ = s.ready.Destroy()
		_ = s.sent.Destroy()
		return t.ctx.FreeHost(s.pinned)
	})
	s.pinned = nil
}

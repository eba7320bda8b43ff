package tape

import "udml-gpu/kernels"

// Arena is the memory that programs run in. Programs that never run at the same time share one,
// so that a run takes the memory of its largest program alone.
type Arena struct {
	dev     *kernels.Device
	mem     *kernels.Array
	version int
	poison  bool
}

// NewArena is an empty arena; it grows when a program that needs more is compiled.
func NewArena(dev *kernels.Device) *Arena { return &Arena{dev: dev} }

// Bytes is the size of the arena.
func (a *Arena) Bytes() int {
	if a.mem == nil {
		return 0
	}
	return a.mem.Bytes()
}

// Version changes when programs of the arena must look up their arrays again: where it grows, and by Rebind.
func (a *Arena) Version() int { return a.version }

// Free gives the memory back. No program of the arena may run afterwards.
func (a *Arena) Free() {
	if a.mem != nil {
		a.mem.Free()
		a.mem = nil
	}
}

// Rebind has each program of the arena look up its arrays again before its next run, the gradients of parameters among them.
func (a *Arena) Rebind() { a.version++ }

func (a *Arena) reserve(bytes int) {
	if bytes <= a.Bytes() && a.mem != nil {
		return
	}
	a.Free()
	a.mem = a.dev.New(kernels.Uint8, bytes)
	a.version++
}

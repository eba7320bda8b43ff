package bfloat

import (
	"unsafe"

	"udml-gpu/kernels"
)

// Wide is how an op computes on bfloat16 arrays on the CPU: on float32 copies, whose results Done rounds. Arrays of other types, and nil,
// stay what they are.
type Wide struct {
	list []widened
}

type widened struct {
	stored, copied *kernels.Array
	written        bool
}

// of says whether it is a copy of a.
func (l *widened) of(a *kernels.Array) bool {
	return a.Len() > 0 && a.Len() == l.stored.Len() &&
		unsafe.SliceData(kernels.Data[kernels.Brain](a)) == unsafe.SliceData(kernels.Data[kernels.Brain](l.stored))
}

// In is a copy of an array that the op only reads.
func (w *Wide) In(a *kernels.Array) *kernels.Array { return w.of(a, false) }

// Out is a copy of an array that the op writes. Where one is given twice, such as for an op in place, so is its copy.
func (w *Wide) Out(a *kernels.Array) *kernels.Array { return w.of(a, true) }

func (w *Wide) of(a *kernels.Array, written bool) *kernels.Array {
	if a == nil || a.DType() != kernels.BFloat16 {
		return a
	}
	for i := range w.list {
		if l := &w.list[i]; l.of(a) {
			l.written = l.written || written
			return l.copied.Reshape(a.Shape()...)
		}
	}
	l := widened{a, a.Device().Scratch(kernels.Float32, a.Shape()...), written}
	Unpack(l.copied, a)
	w.list = append(w.list, l)
	return l.copied
}

// Done rounds what was written into the arrays, and ends the copies.
func (w *Wide) Done() {
	for _, l := range w.list {
		if l.written {
			Pack(l.stored, l.copied)
		}
		l.copied.Free()
	}
	w.list = nil
}

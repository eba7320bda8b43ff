package kernels

import (
	"fmt"
	"unsafe"
)

// Read is a copy of a's elements on the host. From a GPU it waits for all work queued before; after a fault of the
// device the elements are zeros, and Err has the fault.
func Read[T Element](a *Array) []T {
	out := make([]T, a.len)
	ReadInto(out, a)
	return out
}

// ReadInto is Read into dst, which must be as long as a.
func ReadInto[T Element](dst []T, a *Array) {
	if TypeOf[T]() != a.dtype || len(dst) != a.len {
		panic(fmt.Sprintf("kernels: %v read into %d elements of %v", a, len(dst), TypeOf[T]()))
	}
	switch {
	case a.len == 0:
	case a.dev.gpu != nil:
		a.dev.gpu.toHost(bytesOf(dst), a.addr)
	default:
		copy(dst, Data[T](a))
	}
}

// Write copies src to a's elements. src may be changed as soon as Write returns.
func Write[T Element](a *Array, src []T) {
	if TypeOf[T]() != a.dtype || len(src) != a.len {
		panic(fmt.Sprintf("kernels: %d elements of %v written to %v", len(src), TypeOf[T](), a))
	}
	switch {
	case a.len == 0:
	case a.dev.gpu != nil:
		a.dev.gpu.toDevice(a.addr, bytesOf(src))
	default:
		copy(Data[T](a), src)
	}
}

// CopyToHost copies a's elements, as bytes in the machine's order, to dst, which must be as long. From a GPU it waits as Read does.
func (a *Array) CopyToHost(dst []byte) {
	a.wantBytes(dst)
	switch {
	case a.len == 0:
	case a.dev.gpu != nil:
		a.dev.gpu.toHost(dst, a.addr)
	default:
		copy(dst, a.mem)
	}
}

// CopyFromHost copies the bytes of src to a's elements: CopyToHost backwards.
func (a *Array) CopyFromHost(src []byte) {
	a.wantBytes(src)
	switch {
	case a.len == 0:
	case a.dev.gpu != nil:
		a.dev.gpu.toDevice(a.addr, src)
	default:
		copy(a.mem, src)
	}
}

func (a *Array) wantBytes(b []byte) {
	if len(b) != a.Bytes() {
		panic(fmt.Sprintf("kernels: %v copied from or to %d bytes", a, len(b)))
	}
}

// bytesOf is the memory of a slice.
func bytesOf[T Element](s []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*TypeOf[T]().Size())
}

// To is a new array on dev with a copy of a's elements. The caller frees it.
func (a *Array) To(dev *Device) *Array {
	b := dev.Scratch(a.dtype, a.shape...)
	b.CopyFrom(a)
	return b
}

// Zero sets every element to zero.
func (a *Array) Zero() { a.Fill(0) }

// Fill sets every byte to b: 0 gives zeros, 0xff NaN in floats and -1 in integers.
func (a *Array) Fill(b byte) {
	if a.dev.gpu != nil {
		a.dev.gpu.fill(a.addr, b, a.Bytes())
		return
	}
	if b == 0 {
		clear(a.mem)
		return
	}
	for i := range a.mem {
		a.mem[i] = b
	}
}

// CopyFrom copies b's elements into a, from any device; sizes and dtypes must match. Nothing happens when both are
// the same memory.
func (a *Array) CopyFrom(b *Array) {
	if a.dtype != b.dtype || a.len != b.len {
		panic(fmt.Sprintf("kernels: copy of %v into %v", b, a))
	}
	switch from, to := b.dev.gpu, a.dev.gpu; {
	case a.len == 0:
	case from == nil && to == nil:
		if unsafe.SliceData(a.mem) != unsafe.SliceData(b.mem) {
			copy(a.mem, b.mem)
		}
	case from == nil:
		to.toDevice(a.addr, b.mem)
	case to == nil:
		from.toHost(a.mem, b.addr)
	case from == to:
		if a.addr != b.addr {
			to.copy(a.addr, b.addr, a.Bytes())
		}
	default:
		between := make([]byte, b.Bytes())
		from.toHost(between, b.addr)
		to.toDevice(a.addr, between)
	}
}

func (g *gpu) fill(dst uint64, b byte, n int) {
	if n > 0 {
		g.queue <- command{call: "fill", run: func(t *thread) error { return t.stream.Fill(dst, b, n) }}
	}
}

func (g *gpu) copy(dst, src uint64, n int) {
	g.queue <- command{call: "copy", run: func(t *thread) error { return t.stream.Copy(dst, src, n) }}
}

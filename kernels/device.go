package kernels

import (
	"fmt"
	"slices"
	"sync/atomic"
	"unsafe"
)

// Device owns memory and runs ops. The CPU device runs them at once, in the calling goroutine and its helpers; a GPU
// queues them and runs them in that order.
type Device struct {
	name      string
	live      atomic.Int64
	gpu       *gpu      // nil on the CPU
	precision Precision // of the CPU
	remarks   remarks
}

// CPU is a new CPU device, with its own count of live bytes.
func CPU() *Device { return CPUAt(FP32) }

// CPUAt is CPU on which a training step stores maps as on a GPU of that precision. It multiplies in float32 all the same, so that TF32 is
// FP32 there.
func CPUAt(p Precision) *Device {
	if p == TF32 {
		p = FP32
	}
	return &Device{name: "cpu", precision: p}
}

// Name is "cpu" or "cuda:0", as flags and results spell it.
func (d *Device) Name() string { return d.name }

// CUDA says whether the device is a GPU: ops then go to their launchers, and host code reads arrays with Read.
func (d *Device) CUDA() bool { return d.gpu != nil }

// New is a zeroed array that the caller frees.
func (d *Device) New(t DType, shape ...int) *Array {
	a := d.Scratch(t, shape...)
	if d.gpu != nil {
		a.Zero()
	}
	return a
}

// Scratch is New without the promise that the elements are 0: for arrays that an op fills before it reads them.
func (d *Device) Scratch(t DType, shape ...int) *Array {
	n := size(shape)
	a := &Array{dev: d, dtype: t, shape: slices.Clone(shape), len: n, owned: true}
	if d.gpu != nil {
		a.addr = d.gpu.alloc(a.Bytes())
	} else {
		a.mem = alignedBytes(a.Bytes())
	}
	d.live.Add(int64(a.Bytes()))
	return a
}

// Outline is an array that has a type and a shape and no memory, for what is never run or read. It need not be freed.
func (d *Device) Outline(t DType, shape ...int) *Array {
	return &Array{dev: d, dtype: t, shape: slices.Clone(shape), len: size(shape)}
}

// Like is a new array of a's device, dtype and shape; an outline's is an outline. The caller frees it.
func (a *Array) Like() *Array {
	if a.dev.gpu == nil && a.mem == nil && a.len > 0 || a.dev.gpu != nil && a.addr == 0 && a.len > 0 {
		return a.dev.Outline(a.dtype, a.shape...)
	}
	return a.dev.New(a.dtype, a.shape...)
}

// giveBack returns the memory of an owned array.
func (d *Device) giveBack(a *Array) {
	if d.gpu != nil {
		d.gpu.pool.put(a.addr, a.Bytes())
	}
}

// Of is a new array that holds a copy of data under the given shape. The caller frees it.
func Of[T Element](d *Device, data []T, shape ...int) *Array {
	a := d.Scratch(TypeOf[T](), shape...)
	if len(data) != a.len {
		panic("kernels: Of: data and shape differ in size")
	}
	Write(a, data)
	return a
}

// Wrap is a view of host data as an array of a CPU device: nothing is copied, nothing needs to be freed.
func Wrap[T Element](d *Device, data []T, shape ...int) *Array {
	if d.gpu != nil {
		panic("kernels: Wrap: host data cannot be an array of " + d.name)
	}
	n := size(shape)
	if len(data) != n {
		panic("kernels: Wrap: data and shape differ in size")
	}
	t := TypeOf[T]()
	a := &Array{dev: d, dtype: t, shape: slices.Clone(shape), len: n}
	if n > 0 {
		a.mem = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(data))), n*t.Size())
	}
	return a
}

// WrapBytes is Wrap of elements of type t in the machine's order. b must lie on a cache line, as BorrowHost's memory does.
func WrapBytes(d *Device, t DType, b []byte, shape ...int) *Array {
	n := size(shape)
	if d.gpu != nil || len(b) != n*t.Size() {
		panic(fmt.Sprintf("kernels: WrapBytes: %d bytes as %v%v on %s", len(b), t, shape, d.name))
	}
	return &Array{dev: d, dtype: t, shape: slices.Clone(shape), len: n, mem: b}
}

// LiveBytes is the memory of arrays not yet freed.
func (d *Device) LiveBytes() int64 { return d.live.Load() }

// Err is the first fault of the device, or nil; after a fault, ops do nothing. The CPU has none. It does not wait.
func (d *Device) Err() error {
	if d.gpu == nil {
		return nil
	}
	return d.gpu.err()
}

// Sync waits until the device has done all its work, and returns Err. The CPU has always done it.
func (d *Device) Sync() error {
	if d.gpu == nil {
		return nil
	}
	d.gpu.sync()
	return d.gpu.err()
}

// Close gives a GPU back, with all its memory. On the CPU it does nothing. The device cannot be used afterwards.
func (d *Device) Close() {
	if d.gpu != nil {
		d.gpu.close()
	}
}

// alignedBytes is n zeroed bytes that start on a cache line, so that vector loads never straddle two.
func alignedBytes(n int) []byte {
	const line = 64
	if n == 0 {
		return nil
	}
	b := make([]byte, n+line)
	skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) & (line - 1))
	return b[skip : skip+n : skip+n]
}

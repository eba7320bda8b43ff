package kernels

import (
	"slices"
	"sync/atomic"
	"unsafe"
)

// Device owns memory and runs ops. The CPU device runs them at once, in the calling goroutine and its helpers.
type Device struct {
	name string
	live atomic.Int64
}

// CPU is a new CPU device, with its own count of live bytes.
func CPU() *Device { return &Device{name: "cpu"} }

// Name is "cpu" on this device, as flags and results spell it.
func (d *Device) Name() string { return d.name }

// New is a zeroed array that the caller frees.
func (d *Device) New(t DType, shape ...int) *Array {
	n := size(shape)
	a := &Array{dev: d, dtype: t, shape: slices.Clone(shape), len: n, mem: alignedBytes(n * t.Size()), owned: true}
	d.live.Add(int64(len(a.mem)))
	return a
}

// Of is a new array that holds a copy of data under the given shape. The caller frees it.
func Of[T Element](d *Device, data []T, shape ...int) *Array {
	a := d.New(TypeOf[T](), shape...)
	if len(data) != a.len {
		panic("kernels: Of: data and shape differ in size")
	}
	copy(Data[T](a), data)
	return a
}

// Wrap is a view of host data as an array: nothing is copied, nothing needs to be freed.
func Wrap[T Element](d *Device, data []T, shape ...int) *Array {
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

// LiveBytes is the memory of arrays not yet freed.
func (d *Device) LiveBytes() int64 { return d.live.Load() }

// Err is the first fault of the device, or nil. The CPU has none. It does not wait.
func (d *Device) Err() error { return nil }

// Sync waits until the device has done all its work, and returns Err. The CPU never lags.
func (d *Device) Sync() error { return nil }

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

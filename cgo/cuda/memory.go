//go:build cgo && cuda

package cuda

/*
#include "sibling.h"
*/
import "C"

import (
	"unsafe"

	"gorgonia.org/cu"
)

// Alloc is new device memory: its address.
func (c *Context) Alloc(bytes int) (uint64, error) {
	p, err := cu.MemAlloc(int64(bytes))
	return uint64(p), failed("cuMemAlloc", err)
}

// FreeMemory gives memory of Alloc back. It waits for work that may still use it.
func (c *Context) FreeMemory(p uint64) error { return failed("cuMemFree", cu.MemFree(cu.DevicePtr(p))) }

// MemInfo is free and total device memory in bytes.
func (c *Context) MemInfo() (free, total int64, err error) {
	free, total, err = cu.MemInfo()
	return free, total, failed("cuMemGetInfo", err)
}

// AllocHost is new pinned host memory: copies from and to it run beside everything else.
func (c *Context) AllocHost(bytes int) (unsafe.Pointer, error) {
	var p unsafe.Pointer
	err := status("cuMemHostAlloc", C.udml_cuda_alloc_host(&p, C.size_t(bytes)))
	return p, err
}

// FreeHost gives memory of AllocHost back.
func (c *Context) FreeHost(p unsafe.Pointer) error { return failed("cuMemFreeHost", cu.MemFreeHost(p)) }

// Fill sets n bytes at dst to b.
func (s Stream) Fill(dst uint64, b byte, n int) error {
	return failed("cuMemsetD8Async", cu.MemsetD8Async(cu.DevicePtr(dst), b, int64(n), s.s))
}

// ToDevice copies n bytes from host memory. Pageable memory is read before it returns, pinned memory while the copy runs.
func (s Stream) ToDevice(dst uint64, src unsafe.Pointer, n int) error {
	return failed("cuMemcpyHtoDAsync", cu.MemcpyHtoDAsync(cu.DevicePtr(dst), src, int64(n), s.s))
}

// ToHost copies n bytes to host memory; they are there when the stream is done.
func (s Stream) ToHost(dst unsafe.Pointer, src uint64, n int) error {
	return failed("cuMemcpyDtoHAsync", cu.MemcpyDtoHAsync(dst, cu.DevicePtr(src), int64(n), s.s))
}

// Copy copies n bytes on the device.
func (s Stream) Copy(dst, src uint64, n int) error {
	return failed("cuMemcpyDtoDAsync", cu.MemcpyDtoDAsync(cu.DevicePtr(dst), cu.DevicePtr(src), int64(n), s.s))
}

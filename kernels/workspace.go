package kernels

import (
	"math/bits"
	"sync"
	"unsafe"
)

// workspaces keeps work buffers of host memory between steps, by power-of-two size, so that a replayed step allocates none.
var workspaces struct {
	sync.Mutex
	free [48][][]byte
}

// BorrowHost is a work buffer of n elements in host memory, with undefined content. Give it back with ReturnHost.
// Device.Scratch is the same for memory of a device.
func BorrowHost[T Element](n int) []T {
	if n == 0 {
		return nil
	}
	class := sizeClass(n * TypeOf[T]().Size())
	workspaces.Lock()
	var b []byte
	if list := workspaces.free[class]; len(list) > 0 {
		b = list[len(list)-1]
		workspaces.free[class] = list[:len(list)-1]
	}
	workspaces.Unlock()
	if b == nil {
		b = alignedBytes(1 << class)
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// ReturnHost gives a buffer of BorrowHost back. It must be the very slice that BorrowHost returned.
func ReturnHost[T Element](s []T) {
	if len(s) == 0 {
		return
	}
	class := sizeClass(len(s) * TypeOf[T]().Size())
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), 1<<class)
	workspaces.Lock()
	workspaces.free[class] = append(workspaces.free[class], b)
	workspaces.Unlock()
}

func sizeClass(bytes int) int { return max(6, bits.Len(uint(bytes-1))) }

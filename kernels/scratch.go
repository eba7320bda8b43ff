package kernels

import (
	"math/bits"
	"sync"
	"unsafe"
)

// scratch keeps host work buffers between steps, by power-of-two size, so that a replayed step allocates none.
var scratch struct {
	sync.Mutex
	free [48][][]byte
}

// Borrow is a work buffer of n elements with undefined content. Give it back with Return.
func Borrow[T Element](n int) []T {
	if n == 0 {
		return nil
	}
	class := sizeClass(n * TypeOf[T]().Size())
	scratch.Lock()
	var b []byte
	if list := scratch.free[class]; len(list) > 0 {
		b = list[len(list)-1]
		scratch.free[class] = list[:len(list)-1]
	}
	scratch.Unlock()
	if b == nil {
		b = alignedBytes(1 << class)
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// Return gives a buffer of Borrow back. It must be the very slice that Borrow returned.
func Return[T Element](s []T) {
	if len(s) == 0 {
		return
	}
	class := sizeClass(len(s) * TypeOf[T]().Size())
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), 1<<class)
	scratch.Lock()
	scratch.free[class] = append(scratch.free[class], b)
	scratch.Unlock()
}

func sizeClass(bytes int) int { return max(6, bits.Len(uint(bytes-1))) }

// Package kernels holds what every op needs: arrays, devices, and the split of work over cores.
// Each op lives in a room of its own below this package.
package kernels

import (
	"fmt"
	"slices"
	"unsafe"

	"gorgonia.org/tensor"
)

// Array is a dense row-major n-d array on a Device. On the CPU it is a view of host memory, on a GPU of device memory.
// The zero size is legal: an array with a 0 in its shape has no elements.
type Array struct {
	dev   *Device
	dtype DType
	shape []int
	len   int
	mem   []byte // host memory, len*dtype.Size() bytes; nil on a GPU
	addr  uint64 // on a GPU: where the elements are
	owned bool   // Free gives the memory back
	freed bool
}

// Device is where the array lives.
func (a *Array) Device() *Device { return a.dev }

// DType is the element type.
func (a *Array) DType() DType { return a.dtype }

// Shape is the size of every axis, outermost first. The caller must not change it.
func (a *Array) Shape() []int { return a.shape }

// Dim is the size of axis i.
func (a *Array) Dim(i int) int { return a.shape[i] }

// Len is the number of elements.
func (a *Array) Len() int { return a.len }

// Bytes is the size of the elements in bytes.
func (a *Array) Bytes() int { return a.len * a.dtype.Size() }

// Address is where the elements lie in a GPU's memory, for calls of libraries and for tables of pointers; 0 for a nil array and on the CPU.
func (a *Array) Address() uint64 {
	if a == nil {
		return 0
	}
	return a.addr
}

// String shows dtype and shape, as messages do: "float32[128 64]".
func (a *Array) String() string {
	if a == nil {
		return "nil"
	}
	return fmt.Sprintf("%v%v", a.dtype, a.shape)
}

// Free gives an owned array's memory back; on a view it does nothing. Freeing twice is a bug and panics.
// On a GPU, ops queued before may still be running: the memory is handed out again in the order of the queue.
func (a *Array) Free() {
	if !a.owned {
		return
	}
	if a.freed {
		panic("kernels: array freed twice")
	}
	a.freed = true
	a.dev.live.Add(-int64(a.Bytes()))
	a.dev.giveBack(a)
	a.mem, a.addr = nil, 0
}

// View is a part of a's memory seen as another shape: elements [offset, offset+size of shape).
// It shares memory with a and is never freed itself.
func (a *Array) View(offset int, shape ...int) *Array {
	n := size(shape)
	if offset < 0 || offset+n > a.len {
		panic(fmt.Sprintf("kernels: view of %d elements at %d does not fit in %v", n, offset, a))
	}
	return a.part(a.dtype, offset*a.dtype.Size(), n, shape)
}

// Carve is a part of a's memory, from byte offset on, as an array of another dtype: how arenas hand out memory.
func (a *Array) Carve(t DType, offset int, shape ...int) *Array {
	n := size(shape)
	if offset < 0 || offset+n*t.Size() > a.Bytes() || offset%t.Size() != 0 {
		panic(fmt.Sprintf("kernels: %v%v at byte %d does not fit in %v", t, shape, offset, a))
	}
	return a.part(t, offset, n, shape)
}

// part is n elements from byte offset on.
func (a *Array) part(t DType, offset, n int, shape []int) *Array {
	v := &Array{dev: a.dev, dtype: t, shape: slices.Clone(shape), len: n}
	if a.dev.gpu != nil {
		v.addr = a.addr + uint64(offset)
		return v
	}
	if a.mem != nil { // that of an outline is one
		v.mem = a.mem[offset : offset+n*t.Size()]
	}
	return v
}

// Reshape is the whole of a under another shape of the same size.
func (a *Array) Reshape(shape ...int) *Array {
	if size(shape) != a.len {
		panic(fmt.Sprintf("kernels: %v cannot be reshaped to %v", a, shape))
	}
	return a.View(0, shape...)
}

// Rows is rows [lo, hi) along the first axis.
func (a *Array) Rows(lo, hi int) *Array {
	row := size(a.shape[1:])
	shape := slices.Clone(a.shape)
	shape[0] = hi - lo
	return a.View(lo*row, shape...)
}

// Dense is the array as a host tensor. On the CPU it shares memory with the array, from a GPU it is a copy.
func (a *Array) Dense() *tensor.Dense {
	shape := tensor.WithShape(a.shape...)
	switch a.dtype {
	case Float32:
		return tensor.New(shape, tensor.WithBacking(host[float32](a)))
	case Float64:
		return tensor.New(shape, tensor.WithBacking(host[float64](a)))
	case Int32:
		return tensor.New(shape, tensor.WithBacking(host[int32](a)))
	}
	return tensor.New(shape, tensor.WithBacking(host[uint8](a)))
}

// host is the elements: the array's own on the CPU, copied from a GPU.
func host[T Element](a *Array) []T {
	if a.dev.gpu != nil {
		return Read[T](a)
	}
	return Data[T](a)
}

// Data is the host elements of a CPU array, shared, not copied. It panics when T is not a's dtype, or a is on a GPU.
func Data[T Element](a *Array) []T {
	if TypeOf[T]() != a.dtype {
		panic(fmt.Sprintf("kernels: %v read as %v", a, TypeOf[T]()))
	}
	if a.dev.gpu != nil {
		panic(fmt.Sprintf("kernels: %v is on %s: only Read sees it", a, a.dev.name))
	}
	if a.len == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(a.mem))), a.len)
}

// size is the product of a shape; negative sizes and overflow are bugs.
func size(shape []int) int {
	n := 1
	for _, s := range shape {
		if s < 0 || (s > 0 && n > (1<<62)/s) {
			panic(fmt.Sprintf("kernels: impossible shape %v", shape))
		}
		n *= s
	}
	return n
}

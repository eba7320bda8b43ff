package kernels

import "unsafe"

// Adjacent is arrays of one type that lie one behind another in memory as one array of all their elements, a view; nil where they do not
// lie so, or there is none.
func Adjacent(list ...*Array) *Array {
	if len(list) == 0 {
		return nil
	}
	first, n := list[0], 0
	for _, a := range list {
		at := n * first.dtype.Size()
		switch {
		case a.dev != first.dev || a.dtype != first.dtype:
			return nil
		case a.dev.gpu != nil && a.addr != first.addr+uint64(at):
			return nil
		case a.dev.gpu == nil && !follows(first.mem, a.mem, at):
			return nil
		}
		n += a.len
	}
	all := &Array{dev: first.dev, dtype: first.dtype, shape: []int{n}, len: n, addr: first.addr}
	if first.dev.gpu == nil {
		all.mem = unsafe.Slice(unsafe.SliceData(first.mem), n*first.dtype.Size())
	}
	return all
}

// follows says whether b begins `at` bytes behind the beginning of a, in memory that a's array was made with.
func follows(a, b []byte, at int) bool {
	return a != nil && b != nil && unsafe.Pointer(unsafe.SliceData(b)) == unsafe.Add(unsafe.Pointer(unsafe.SliceData(a)), at)
}

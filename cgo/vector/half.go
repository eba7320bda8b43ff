//go:build cgo

package vector

// #include "vector.h"
import "C"

import "unsafe"

// FromHalf is out = the IEEE 754 binary16 numbers in, exactly. The slices do not overlap.
func FromHalf(out []float32, in []uint16) {
	if len(out) != len(in) {
		panic("vector.FromHalf: slices differ in length")
	}
	C.udml_from_half(pointer(out), (*C.ushort)(unsafe.SliceData(in)), C.long(len(in)))
}

package file

import (
	"encoding/binary"
	"math"

	"udml-gpu/kernels/half"
)

// NotFinite counts the elements that are NaN, or infinite as float32. It is 0 for dtypes that are not floating.
func (t *Tensor) NotFinite() int {
	return t.Count(func(v float64) bool { return !finite(float64(float32(v))) })
}

func finite(v float64) bool { return v-v == 0 }

// Elements is the number of elements.
func (t *Tensor) Elements() int { return len(t.Data) / elementSize[t.DType] }

// Count is the number of elements for which is returns true; 0 for dtypes that are not floating.
func (t *Tensor) Count(is func(v float64) bool) (n int) {
	size := elementSize[t.DType]
	le := binary.LittleEndian
	var at func(b []byte) float64
	switch t.DType {
	case "F16":
		at = func(b []byte) float64 { return float64(half.Float32(le.Uint16(b))) }
	case "BF16":
		at = func(b []byte) float64 { return float64(math.Float32frombits(uint32(le.Uint16(b)) << 16)) }
	case "F32":
		at = func(b []byte) float64 { return float64(math.Float32frombits(le.Uint32(b))) }
	case "F64":
		at = func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }
	default:
		return 0
	}
	for i := 0; i+size <= len(t.Data); i += size {
		if is(at(t.Data[i:])) {
			n++
		}
	}
	return n
}

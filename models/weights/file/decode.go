package file

import (
	"encoding/binary"
	"fmt"
	"math"

	"udml-gpu/kernels/half"
)

// Floating tells whether the elements are floating-point numbers that Float32s converts.
func (t *Tensor) Floating() bool {
	return t.DType == "F32" || t.DType == "F16" || t.DType == "BF16" || t.DType == "F64"
}

// Float32s are the elements of a floating tensor (F16, BF16, F32, F64) as float32, row-major. The first three are
// converted exactly, F64 is rounded. Other dtypes are an error that names the tensor.
func (t Tensor) Float32s() ([]float32, error) { return floats[float32](t) }

// Float64s is Float32s in float64, exact for every floating dtype.
func (t Tensor) Float64s() ([]float64, error) { return floats[float64](t) }

func floats[T float32 | float64](t Tensor) ([]T, error) {
	size, err := byteSize(t.DType, t.Shape)
	if err != nil {
		return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
	}
	if size != len(t.Data) {
		return nil, fmt.Errorf("tensor %q has %d bytes, but %s%v takes %d", t.Name, len(t.Data), t.DType, t.Shape, size)
	}
	v := make([]T, size/elementSize[t.DType])
	le := binary.LittleEndian
	switch t.DType {
	case "F16":
		for i := range v {
			v[i] = T(half.Float32(le.Uint16(t.Data[2*i:])))
		}
	case "BF16":
		for i := range v {
			v[i] = T(math.Float32frombits(uint32(le.Uint16(t.Data[2*i:])) << 16))
		}
	case "F32":
		for i := range v {
			v[i] = T(math.Float32frombits(le.Uint32(t.Data[4*i:])))
		}
	case "F64":
		for i := range v {
			v[i] = T(math.Float64frombits(le.Uint64(t.Data[8*i:])))
		}
	default:
		return nil, fmt.Errorf("tensor %q is %s, not floating", t.Name, t.DType)
	}
	return v, nil
}

package file

import (
	"encoding/binary"
	"fmt"
	"math"
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
			v[i] = T(fromHalf(le.Uint16(t.Data[2*i:])))
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

// fromHalf converts an IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits.
func fromHalf(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch exponent {
	case 31: // Inf and NaN keep their payload
		return math.Float32frombits(sign | 255<<23 | fraction<<13)
	case 0: // zero and subnormals: fraction * 2^-24, exact in float32
		v := float32(fraction) * 0x1p-24
		return math.Float32frombits(sign | math.Float32bits(v))
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// Package half converts between float32 and IEEE 754 binary16, in which vectors take half the room: 1 sign, 5 exponent, 10 fraction bits.
package half

import (
	"math"

	"udml-gpu/cgo/vector"
)

// Error bounds what rounding to binary16 moves the element v of a unit vector by: Error |v|, or Smallest where that is more.
const (
	Error    = 0x1p-11
	Smallest = 0x1p-25
)

// Decode sets dst to the numbers src, exactly, as numpy.ndarray.astype does. len(dst) = len(src).
func Decode(dst []float32, src []uint16) {
	if vector.Available() {
		vector.FromHalf(dst, src)
		return
	}
	decodeLoop(dst, src)
}

func decodeLoop(dst []float32, src []uint16) {
	for i, h := range src {
		dst[i] = Float32(h)
	}
}

// Float32 is the number h, exactly; a NaN keeps its payload.
func Float32(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch exponent {
	case 31: // Inf and NaN
		return math.Float32frombits(sign | 255<<23 | fraction<<13)
	case 0: // zero and subnormals: fraction * 2^-24, exact in float32
		v := float32(fraction) * 0x1p-24
		return math.Float32frombits(sign | math.Float32bits(v))
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// Bits is the binary16 nearest to v, ties to even; infinity from 65520 on. A NaN stays one.
func Bits(v float32) uint16 {
	b := math.Float32bits(v)
	sign, size := uint16(b>>16)&0x8000, b&0x7fffffff
	switch {
	case size > 255<<23:
		return sign | 0x7e00
	case size >= 0x477ff000: // 65520
		return sign | 0x7c00
	case size < 113<<23: // below 2^-14, subnormal: adding 1/2 rounds to a multiple of 2^-24
		return sign | uint16(math.Float32bits(math.Float32frombits(size)+0.5)-126<<23)
	}
	return sign | uint16((size+0xfff+size>>13&1-112<<23)>>13)
}

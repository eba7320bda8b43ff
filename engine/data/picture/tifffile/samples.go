package tifffile

import "math"

// sample reads sample i of a row as 8 bits, for samples that are not bytes.
func (l *layout) sample(order byteOrder) func(row []byte, i int) uint8 {
	switch {
	case l.bits < 8:
		return l.smallSample()
	case l.bits == 12:
		return highOf12
	case l.bits == 16 && l.format == signed:
		return func(row []byte, i int) uint8 { return clip(int32(int16(order.Uint16(row[2*i:])))) }
	case l.bits == 16:
		return func(row []byte, i int) uint8 { return uint8(order.Uint16(row[2*i:]) >> 8) }
	case l.format == float:
		return func(row []byte, i int) uint8 { return clipFloat(math.Float32frombits(order.Uint32(row[4*i:]))) }
	}
	return func(row []byte, i int) uint8 { return clip(int32(order.Uint32(row[4*i:]))) } // unsigned ones too, as in Pillow
}

// smallSample reads 1, 2 or 4 bits: grey over the whole range of a byte, or an index.
func (l *layout) smallSample() func(row []byte, i int) uint8 {
	bits := l.bits
	mask := uint8(1)<<bits - 1
	scale := 255 / mask
	if l.photometric == palette {
		scale = 1
	}
	return func(row []byte, i int) uint8 {
		at := i * bits
		return row[at>>3] >> (8 - bits - at&7) & mask * scale
	}
}

// highOf12 is the highest 8 bits of a 12-bit sample; two samples share three bytes.
func highOf12(row []byte, i int) uint8 {
	at := i / 2 * 3
	if i%2 == 0 {
		return row[at]
	}
	return row[at+1]<<4 | row[at+2]>>4
}

func clip(v int32) uint8 { return uint8(min(max(v, 0), 255)) }

// clipFloat drops the fraction; a NaN is 0.
func clipFloat(v float32) uint8 {
	switch {
	case v >= 255:
		return 255
	case v > 0:
		return uint8(v)
	}
	return 0
}

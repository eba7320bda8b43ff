package convert

import (
	"encoding/binary"
	"math"
	"strconv"
)

// littleEndian appends the float32 to b.
func littleEndian(b []byte, row []float32) []byte {
	for _, v := range row {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// list appends the numbers as [a,b,...], each in the fewest digits that give the same float32.
func list(b []byte, row []float32) []byte {
	b = append(b, '[')
	for i, v := range row {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(b, float64(v), 'g', -1, 32)
	}
	return append(b, ']')
}

package push

import (
	"encoding/binary"
	"math"

	"udml-gpu/engine/collection"
)

// The binary format of COPY: a signature, flags and the length of an extension, and after the rows -1.
var (
	copyHeader  = append([]byte("PGCOPY\n\xff\r\n\x00"), make([]byte, 8)...)
	copyTrailer = []byte{0xff, 0xff}
)

// appendRow appends the row of item i: the number of fields, then each with its length; a length of -1 is NULL. A vector is its number of
// dimensions, a zero, and its values (pgvector's vector_recv). All numbers are big endian.
func appendRow(b []byte, c *collection.Collection, i int) []byte {
	it := &c.Items[i]
	b = binary.BigEndian.AppendUint16(b, 7)
	b = appendText(b, it.Path)
	b = appendText(b, it.ID())
	b = appendText(b, it.Label)
	b = appendText(b, it.Split)
	b = appendText(b, it.SHA256)
	b = appendText(b, rowHash(c, i))
	row := c.Row(i)
	b = binary.BigEndian.AppendUint32(b, uint32(4+4*len(row)))
	b = binary.BigEndian.AppendUint32(b, uint32(len(row))<<16)
	return bigEndian(b, row)
}

// appendText appends a text; an empty one is NULL.
func appendText(b []byte, s string) []byte {
	if s == "" {
		return binary.BigEndian.AppendUint32(b, math.MaxUint32)
	}
	s = valid(s)
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

// bigEndian appends the float32 to b.
func bigEndian(b []byte, row []float32) []byte {
	for _, v := range row {
		b = binary.BigEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

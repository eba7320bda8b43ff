package board

import (
	"encoding/binary"
	"hash/crc32"
)

// castagnoli is CRC-32C.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendRecord appends a record of TFRecord: the length of data (uint64, little endian), its checksum, data, its checksum. Source:
// tensorflow/tsl/lib/io/record_writer.h.
func appendRecord(b, data []byte) []byte {
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	b = append(b, length...)
	b = binary.LittleEndian.AppendUint32(b, masked(length))
	b = append(b, data...)
	return binary.LittleEndian.AppendUint32(b, masked(data))
}

// masked is the CRC-32C of b, rotated and shifted, so that the checksum of bytes that hold checksums is of use too.
func masked(b []byte) uint32 {
	crc := crc32.Checksum(b, castagnoli)
	return (crc>>15 | crc<<17) + 0xa282ead8
}

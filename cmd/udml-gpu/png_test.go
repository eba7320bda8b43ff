package main

import (
	"encoding/binary"
	"hash/crc32"
)

// fixCRC corrects the checksum of a PNG's header chunk after its size fields were changed.
func fixCRC(raw []byte) {
	binary.BigEndian.PutUint32(raw[29:], crc32.ChecksumIEEE(raw[12:29]))
}

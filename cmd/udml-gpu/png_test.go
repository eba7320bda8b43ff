package main

import (
	"encoding/binary"
	"hash/crc32"
)

// fixCRC makes the header chunk's checksum right again after its size fields were changed.
func fixCRC(raw []byte) {
	binary.BigEndian.PutUint32(raw[29:], crc32.ChecksumIEEE(raw[12:29]))
}

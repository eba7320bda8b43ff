package data

import (
	"bytes"
	"encoding/binary"
)

// The orientation readers below return the EXIF orientation, 1 to 8, and 1 (upright) for anything they cannot follow:
// a damaged tag must not cost an image. They read only within b, in time linear in its length.

// jpegOrientation looks for the APP1 segment with EXIF data before the first scan.
func jpegOrientation(b []byte) int {
	const app1, startOfScan, endOfImage = 0xe1, 0xda, 0xd9
	for i := 2; i+4 <= len(b); {
		if b[i] != 0xff {
			return 1
		}
		marker := b[i+1]
		if marker == 0xff { // a fill byte
			i++
			continue
		}
		length := int(binary.BigEndian.Uint16(b[i+2:]))
		if marker == startOfScan || marker == endOfImage || length < 2 || i+2+length > len(b) {
			return 1
		}
		if payload := b[i+4 : i+2+length]; marker == app1 && bytes.HasPrefix(payload, exifMark) {
			return tiffOrientation(payload[len(exifMark):])
		}
		i += 2 + length
	}
	return 1
}

var exifMark = []byte("Exif\x00\x00")

// pngOrientation looks for the eXIf chunk, which stands before the pixels in files that heed the standard.
func pngOrientation(b []byte) int {
	for i := 8; i+12 <= len(b); {
		length := int64(binary.BigEndian.Uint32(b[i:]))
		kind := string(b[i+4 : i+8])
		if kind == "IEND" || int64(i)+12+length > int64(len(b)) {
			return 1
		}
		if kind == "eXIf" {
			return tiffOrientation(b[i+8 : i+8+int(length)])
		}
		i += 12 + int(length)
	}
	return 1
}

// webpOrientation looks for the EXIF chunk of an extended file.
func webpOrientation(b []byte) int {
	for i := 12; i+8 <= len(b); {
		length := int64(binary.LittleEndian.Uint32(b[i+4:]))
		if int64(i)+8+length > int64(len(b)) {
			return 1
		}
		if string(b[i:i+4]) == "EXIF" {
			return tiffOrientation(bytes.TrimPrefix(b[i+8:i+8+int(length)], exifMark))
		}
		i += 8 + int(length+length&1)
	}
	return 1
}

// tiffOrientation reads tag 274 of the first directory of a TIFF structure, which EXIF data are too.
func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if b[0] == 'M' {
		order = binary.BigEndian
	}
	if b[0] != b[1] || b[0] != 'M' && b[0] != 'I' || order.Uint16(b[2:]) != 42 {
		return 1
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 1
	}
	entries := b[at+2:]
	const entry, tagOrientation, typeShort = 12, 274, 3
	for n := int(order.Uint16(b[at:])); n > 0 && len(entries) >= entry; n-- {
		if order.Uint16(entries) == tagOrientation && order.Uint16(entries[2:]) == typeShort {
			if v := order.Uint16(entries[8:]); v >= 1 && v <= 8 {
				return int(v)
			}
			return 1
		}
		entries = entries[entry:]
	}
	return 1
}

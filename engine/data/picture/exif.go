package picture

import (
	"bytes"
	"encoding/binary"
	"iter"
	"regexp"

	"udml-gpu/engine/data/picture/jpegfile"
	"udml-gpu/engine/data/picture/pngfile"
)

// The orientation readers below return the EXIF orientation, 1 to 8, and 1 (upright) for anything they cannot read:
// an image is not refused for a damaged tag. They read only within b, in time linear in its length. As in Pillow, XMP data
// are used where EXIF data give no orientation.

func jpegOrientation(b []byte) int { return orientationOf(jpegfile.Metadata(b)) }

func pngOrientation(b []byte) int { return orientationOf(pngfile.Metadata(b)) }

// webpOrientation searches the chunks of an extended file.
func webpOrientation(b []byte) int {
	var exif, xmp []byte
	eachWebPChunk(b[min(12, len(b)):], func(kind string, payload []byte) bool {
		switch kind {
		case "EXIF":
			exif = payload
		case "XMP ":
			xmp = payload
		}
		return false
	})
	return orientationOf(exif, xmp)
}

var exifMark = []byte("Exif\x00\x00")

// orientationOf is the orientation in EXIF data, which are a TIFF structure, in some files after the mark of a JPEG segment;
// or else that in XMP data.
func orientationOf(exif, xmp []byte) int {
	for bytes.HasPrefix(exif, exifMark) {
		exif = exif[len(exifMark):]
	}
	v, found := exifOrientation(exif)
	if !found {
		v = xmpOrientation(xmp)
	}
	if v < 1 || v > 8 {
		return 1
	}
	return v
}

var inXMP = regexp.MustCompile(`tiff:Orientation(?:="|>)([0-9])`)

// xmpOrientation is the first orientation in XMP data, as an attribute or as an element.
func xmpOrientation(b []byte) int {
	if m := inXMP.FindSubmatch(b); m != nil {
		return int(m[1][0] - '0')
	}
	return 1
}

// exifOrientation reads tag 274 of the first directory of a TIFF structure; of several, the last one counts.
func exifOrientation(b []byte) (v int, found bool) {
	const tagOrientation = 274
	order, at, ok := exifHeader(b)
	if !ok {
		return 0, false
	}
	for tag, entry := range directory(b, at, order) {
		if tag == tagOrientation {
			v, found = wholeNumber(b, entry, order), true
		}
	}
	return v, found
}

// exifHeader is the byte order of a TIFF structure, and where its first directory is.
func exifHeader(b []byte) (order binary.ByteOrder, at int64, ok bool) {
	if len(b) < 8 {
		return nil, 0, false
	}
	order = binary.LittleEndian
	if b[0] == 'M' {
		order = binary.BigEndian
	}
	if b[0] != b[1] || b[0] != 'M' && b[0] != 'I' || order.Uint16(b[2:]) != 42 {
		return nil, 0, false
	}
	return order, int64(order.Uint32(b[4:])), true
}

// directory are the entries of the directory at that place, by their tags, as far as b holds them.
func directory(b []byte, at int64, order binary.ByteOrder) iter.Seq2[uint16, []byte] {
	return func(yield func(uint16, []byte) bool) {
		if at < 0 || at+2 > int64(len(b)) {
			return
		}
		const size = 12
		entries := b[at+2:]
		for n := int(order.Uint16(b[at:])); n > 0 && len(entries) >= size; n-- {
			if !yield(order.Uint16(entries), entries[:size]) {
				return
			}
			entries = entries[size:]
		}
	}
}

// wholeNumber is the first value of an entry of the TIFF structure b whose values have 2 or 4 bytes; otherwise 0.
func wholeNumber(b, entry []byte, order binary.ByteOrder) int {
	count, size := int64(order.Uint32(entry[4:])), int64(0)
	switch order.Uint16(entry[2:]) {
	case 3, 8:
		size = 2
	case 4, 9:
		size = 4
	}
	value := entry[8:12]
	if size*count > int64(len(value)) { // too many for the entry: they are stored elsewhere
		at := int64(order.Uint32(value))
		if at+size*count > int64(len(b)) {
			return 0
		}
		value = b[at:]
	}
	switch {
	case count < 1 || size == 0:
		return 0
	case size == 2:
		return int(order.Uint16(value))
	}
	return int(order.Uint32(value))
}

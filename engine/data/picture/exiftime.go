package picture

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"time"

	"udml-gpu/engine/data/picture/jpegfile"
	"udml-gpu/engine/data/picture/pngfile"
	"udml-gpu/engine/data/picture/rawfile"
)

// TimeLayout is how Taken writes a time: without a zone, which EXIF data rarely have.
const TimeLayout = "2006-01-02T15:04:05"

// Taken is when the camera took the picture in the file b by its EXIF data (DateTimeOriginal, else DateTimeDigitized, else DateTime), in
// TimeLayout; "" where it does not say, or something impossible.
func Taken(b []byte) string {
	exif := exifOf(b)
	for bytes.HasPrefix(exif, exifMark) {
		exif = exif[len(exifMark):]
	}
	order, at, ok := exifHeader(exif)
	if !ok {
		return ""
	}
	const tagDateTime, tagExif, tagOriginal, tagDigitized = 0x132, 0x8769, 0x9003, 0x9004
	var changed, original, digitized string
	for tag, entry := range directory(exif, at, order) {
		switch tag {
		case tagDateTime:
			changed = exifTime(exif, entry, order)
		case tagOriginal: // of CR3, and of TIFF/EP
			original = cmp.Or(original, exifTime(exif, entry, order))
		case tagExif:
			for tag, entry := range directory(exif, int64(wholeNumber(exif, entry, order)), order) {
				switch tag {
				case tagOriginal:
					original = exifTime(exif, entry, order)
				case tagDigitized:
					digitized = exifTime(exif, entry, order)
				}
			}
		}
	}
	return cmp.Or(original, digitized, changed)
}

// exifOf are the EXIF data of an image file, nil where there are none or the format has no known place for them.
func exifOf(b []byte) (exif []byte) {
	switch {
	case rawfile.EXIF(b) != nil:
		return rawfile.EXIF(b)
	case rawfile.Is(b) && !startsWith("II*\x00")(b) && !startsWith("MM\x00*")(b):
		exif, _ = jpegfile.Metadata(rawfile.Preview(b))
	case startsWith("\xff\xd8")(b):
		exif, _ = jpegfile.Metadata(b)
	case startsWith("\x89PNG\r\n\x1a\n")(b):
		exif, _ = pngfile.Metadata(b)
	case startsWith("II*\x00")(b), startsWith("MM\x00*")(b):
		return b
	case IsWebP(b):
		eachWebPChunk(b[min(12, len(b)):], func(kind string, payload []byte) bool {
			if kind == "EXIF" {
				exif = payload
			}
			return false
		})
	}
	return exif
}

// exifTime is a time in an entry of a TIFF structure, "2006:01:02 15:04:05" and a zero byte.
func exifTime(b, entry []byte, order binary.ByteOrder) string {
	const layout, ascii = "2006:01:02 15:04:05", 2
	at := int64(order.Uint32(entry[8:]))
	if order.Uint16(entry[2:]) != ascii || order.Uint32(entry[4:]) < uint32(len(layout)) || at+int64(len(layout)) > int64(len(b)) {
		return ""
	}
	t, err := time.Parse(layout, string(b[at:at+int64(len(layout))]))
	if err != nil || t.Year() < 1826 { // cameras without a set clock write 0000:00:00
		return ""
	}
	return t.Format(TimeLayout)
}

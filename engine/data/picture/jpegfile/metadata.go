package jpegfile

import "bytes"

// The first bytes of metadata segments.
const (
	exifMark = "Exif\x00\x00"
	xmpMark  = "http://ns.adobe.com/xap/1.0/\x00"
)

// Metadata are the EXIF data and the XMP data before the first scan, without their marks; nil where there are none.
// EXIF data may be spread over several segments; of several segments of XMP data the last counts.
func Metadata(b []byte) (exif, xmp []byte) {
	const app1 = app0 + 1
	for b = b[min(2, len(b)):]; ; {
		marker, rest := nextMarker(b)
		switch {
		case marker == stuffing || marker == eoi || marker == sos:
			return exif, xmp
		case marker == tem || marker == soi || marker >= rst0 && marker <= rst7:
			b = rest
			continue
		}
		payload, rest, whole := payloadOf(rest)
		if !whole {
			return exif, xmp
		}
		if part, is := bytes.CutPrefix(payload, []byte(exifMark)); is && marker == app1 {
			exif = append(exif, part...)
		}
		if part, is := bytes.CutPrefix(payload, []byte(xmpMark)); is && marker == app1 {
			xmp = part
		}
		b = rest
	}
}

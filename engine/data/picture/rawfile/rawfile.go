// Package rawfile finds the previews in cameras' raw files: JPEG pictures that the camera, or a converter, has put beside the values of
// the sensor. The sensor's values are not read.
package rawfile

import (
	"bytes"
	"encoding/binary"

	"udml-gpu/engine/data/picture/jpegfile"
)

// Extensions are those of the raw files that are read.
var Extensions = []string{
	".arw", ".cr2", ".cr3", ".dng", ".gpr", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".rwl", ".sr2", ".srw",
}

// Is tells whether b is a raw file: by the mark of a manufacturer, as DNG, or as a TIFF file with values of a sensor beside other
// directories. A TIFF file of such values alone is left to the reader of TIFF files, which names it.
func Is(b []byte) bool {
	if bytes.HasPrefix(b, []byte(fujiMark)) || isCR3(b) {
		return true
	}
	order, plain, ok := header(b)
	if !ok {
		return false
	}
	if !plain || len(b) >= 10 && string(b[8:10]) == "CR" { // Canon's CR2
		return true
	}
	w := walk(b, order)
	return w.dng || w.sensor && len(w.next) > 1
}

// Preview is the largest preview in a raw file, by its pixels; of equal ones the first. It is nil where there is none.
func Preview(b []byte) []byte {
	best, pixels := []byte(nil), 0
	for _, p := range previews(b) {
		h := jpegfile.HeaderOf(p[:min(len(p), maxHeader)])
		if !readable(&h) || h.Width*h.Height <= pixels {
			continue
		}
		best, pixels = p, h.Width*h.Height
	}
	return best
}

// Orientation is the EXIF orientation in the first directory of a raw file, which holds for its previews too; ok is false where it says
// none, as in Fujifilm's files, whose previews have their own.
func Orientation(b []byte) (v int, ok bool) {
	if isCR3(b) {
		b = readCR3(b).first
	}
	order, _, ok := header(b)
	if !ok {
		return 0, false
	}
	v = walk(b, order).orientation
	return v, v >= 1 && v <= 8
}

// maxHeader is where the frame header of a preview ends at the latest: hostile files may name the same long preview many times.
const maxHeader = 1 << 20

// readable tells whether a frame header is one of a picture; the values of sensors are often lossless JPEG.
func readable(h *jpegfile.Outline) bool {
	return h.Bits == 8 && (h.Components == 1 || h.Components == 3) && h.Process <= 2
}

// previews are all candidates, in their order in the file's directories.
func previews(b []byte) [][]byte {
	if bytes.HasPrefix(b, []byte(fujiMark)) {
		return fujiPreview(b)
	}
	if isCR3(b) {
		return readCR3(b).found
	}
	order, _, ok := header(b)
	if !ok {
		return nil
	}
	return walk(b, order).found
}

// header reads the first bytes of a TIFF file, or of one of the variants of Olympus and Panasonic, which are not plain.
func header(b []byte) (order binary.ByteOrder, plain, ok bool) {
	if len(b) < 8 {
		return nil, false, false
	}
	order = binary.LittleEndian
	if b[0] == 'M' {
		order = binary.BigEndian
	}
	switch string(b[:4]) {
	case "II*\x00", "MM\x00*":
		return order, true, true
	case "IIRO", "IIRS", "MMOR", "IIU\x00":
		return order, false, true
	}
	return nil, false, false
}

const fujiMark = "FUJIFILMCCD-RAW "

// fujiPreview is the preview of a RAF file: its place and length are in the header, big-endian.
func fujiPreview(b []byte) [][]byte {
	const place, length = 84, 88
	if len(b) < length+4 {
		return nil
	}
	p := part(b, uint64(binary.BigEndian.Uint32(b[place:])), uint64(binary.BigEndian.Uint32(b[length:])))
	if p == nil {
		return nil
	}
	return [][]byte{p}
}

// part is n bytes of b from an offset on, where they begin like a JPEG file; otherwise nil.
func part(b []byte, at, n uint64) []byte {
	if at > uint64(len(b)) || n > uint64(len(b))-at || !bytes.HasPrefix(b[at:at+n], []byte{0xff, 0xd8, 0xff}) {
		return nil
	}
	return b[at : at+n]
}

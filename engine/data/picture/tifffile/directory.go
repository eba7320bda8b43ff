package tifffile

import (
	"encoding/binary"
	"errors"
)

// The tags that are read (TIFF 6.0, section 8; 338 and 339 of its extensions).
const (
	tagWidth, tagHeight, tagBits, tagCompression, tagPhotometric, tagFillOrder = 256, 257, 258, 259, 262, 266
	tagStripOffsets, tagOrientation, tagSamples, tagRows, tagStripBytes        = 273, 274, 277, 278, 279
	tagPlanar, tagGroup3, tagPredictor, tagColours                             = 284, 292, 317, 320
	tagTileWidth, tagTileHeight, tagTileOffsets, tagTileBytes                  = 322, 323, 324, 325
	tagExtra, tagFormat, tagXMP, tagWindowsMedia                               = 338, 339, 700, 0xBC01
)

// directory is the first directory of a file: the place of each tag's values.
type directory struct {
	file    []byte
	order   binary.ByteOrder
	entries map[uint16]entry
}

// entry is the values of a tag, as stored in the file.
type entry struct {
	size   int // bytes of a value
	values []byte
}

// sizes are the bytes of a value, for each type of whole numbers: BYTE, SHORT, LONG, the signed ones, UNDEFINED,
// IFD, and those of BigTIFF.
var sizes = map[uint16]int{1: 1, 3: 2, 4: 4, 6: 1, 7: 1, 8: 2, 9: 4, 13: 4, 16: 8, 17: 8, 18: 8}

// Is tells whether b starts like a TIFF or a BigTIFF file, of either byte order. Like Pillow, it also accepts the magic number in
// the other order.
func Is(b []byte) bool { return headerBytes(b) != 0 }

// headerBytes is 8 for a TIFF file, 16 for a BigTIFF one, and 0 for others.
func headerBytes(b []byte) int {
	if len(b) < 4 {
		return 0
	}
	switch string(b[:4]) {
	case "II*\x00", "MM\x00*", "II\x00*", "MM*\x00":
		return 8
	case "II+\x00", "MM\x00+":
		return 16
	}
	return 0
}

// readDirectory finds the tags. It allocates no more entries than the file has bytes for.
func readDirectory(b []byte) (*directory, error) {
	n := headerBytes(b)
	if n == 0 || len(b) < n {
		return nil, errors.New("the file ends within its header")
	}
	d := &directory{file: b, order: binary.LittleEndian, entries: map[uint16]entry{}}
	if b[0] == 'M' {
		d.order = binary.BigEndian
	}
	countBytes, entryBytes, at := 2, 12, uint64(d.order.Uint32(b[4:]))
	if n == 16 {
		countBytes, entryBytes, at = 8, 20, d.order.Uint64(b[8:])
	}
	list, ok := d.bytes(at, uint64(countBytes))
	if !ok {
		return nil, errors.New("the directory of the image is beyond the end of the file")
	}
	count := d.number(list)
	list = b[at+uint64(countBytes):]
	for ; count > 0 && len(list) >= entryBytes; count-- {
		d.add(list[:entryBytes])
		list = list[entryBytes:]
	}
	if count > 0 {
		return nil, errors.New("the file ends within the directory of the image")
	}
	return d, nil
}

// add adds an entry. It is ignored if its values are not in the file or are not whole numbers.
func (d *directory) add(e []byte) {
	size := sizes[d.order.Uint16(e[2:])]
	if size == 0 {
		return
	}
	field := (len(e) - 4) / 2 // bytes of the count, and of the place for values
	count, values := d.number(e[4:4+field]), e[4+field:]
	if count > uint64(len(d.file)) {
		return
	}
	bytes := count * uint64(size)
	if bytes > uint64(field) {
		var ok bool
		if values, ok = d.bytes(d.number(values), bytes); !ok {
			return
		}
	}
	d.entries[d.order.Uint16(e)] = entry{size, values[:bytes]}
}

// bytes are n bytes of the file from an offset on.
func (d *directory) bytes(at, n uint64) ([]byte, bool) {
	if at > uint64(len(d.file)) || n > uint64(len(d.file))-at {
		return nil, false
	}
	return d.file[at : at+n], true
}

// number reads 1, 2, 4 or 8 bytes.
func (d *directory) number(b []byte) uint64 {
	switch len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(d.order.Uint16(b))
	case 4:
		return uint64(d.order.Uint32(b))
	}
	return d.order.Uint64(b)
}

func (d *directory) has(tag uint16) bool { return len(d.entries[tag].values) > 0 }

// all are the values of a tag, at most limit.
func (d *directory) all(tag uint16, limit int) []uint64 {
	e, ok := d.entries[tag]
	if !ok {
		return nil
	}
	n := min(len(e.values)/e.size, limit)
	list := make([]uint64, n)
	for i := range list {
		list[i] = d.number(e.values[i*e.size:][:e.size])
	}
	return list
}

// one is the first value of a tag, or missing where there is none. Values too large for an image become 1<<31 - 1.
func (d *directory) one(tag uint16, missing int) int {
	if list := d.all(tag, 1); len(list) == 1 {
		return int(min(list[0], 1<<31-1))
	}
	return missing
}

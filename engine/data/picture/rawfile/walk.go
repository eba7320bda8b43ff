package rawfile

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// The tags that are read: of TIFF 6.0, TIFF/EP and DNG, and those of Panasonic and Olympus.
const (
	tagPanasonicJPEG, tagCompression, tagPhotometric, tagStrips, tagOrientation = 0x2e, 259, 262, 273, 274
	tagStripBytes, tagSubIFDs, tagJPEG, tagJPEGBytes, tagEXIF                   = 279, 330, 513, 514, 34665
	tagMakerNote, tagDNGVersion                                                 = 37500, 50706
	tagOlympusCamera, tagOlympusJPEG, tagOlympusJPEGBytes                       = 0x2020, 0x101, 0x102
)

// The compressions and colours of a sensor's values: those of Sony, Samsung, Nikon and Pentax; a colour filter array, and linear values.
var (
	sensorCompressions = []uint64{32767, 32770, 34713, 65535}
	sensorColours      = []uint64{32803, 34892}
)

// maxDirectories bounds the directories of a file that are read. Cameras write fewer than ten.
const maxDirectories = 64

// maxEntries bounds the entries of a directory. Cameras write fewer than a hundred.
const maxEntries = 1024

// walker goes through the directories of a file, each once. It reads only within the file, and at most maxDirectories.
type walker struct {
	file  []byte
	order binary.ByteOrder
	next  []uint32        // offsets of directories to read
	seen  map[uint32]bool // those that were in next

	found       [][]byte // that begin like JPEG files
	orientation int      // of the first directory; 0: it has none
	sensor      bool     // there are values of a sensor
	dng         bool
}

// walk goes through all directories.
func walk(b []byte, order binary.ByteOrder) *walker {
	w := &walker{file: b, order: order, seen: map[uint32]bool{}}
	w.push(order.Uint32(b[4:]))
	for n := 0; n < len(w.next); n++ {
		d := w.directory(b, w.next[n])
		if n == 0 {
			w.first(d)
		}
		w.look(d)
	}
	return w
}

// push adds a directory to those that are to be read.
func (w *walker) push(at uint32) {
	if at == 0 || w.seen[at] || len(w.next) == maxDirectories {
		return
	}
	w.seen[at] = true
	w.next = append(w.next, at)
}

// directory is the values of each tag of a directory, as far as they lie in b, from whose beginning offsets count, and the offset of the
// following directory.
type directory struct {
	values map[uint16]value
	after  uint32
}

// value is the place and the bytes of a tag's values.
type value struct {
	size  int // of a number in bytes
	bytes []byte
	at    uint32 // what the entry holds: a number, or the offset of the values
}

// sizes are the bytes of a number of each type of whole numbers: BYTE, SHORT, LONG, UNDEFINED and IFD.
var sizes = map[uint16]int{1: 1, 3: 2, 4: 4, 7: 1, 13: 4}

func (w *walker) directory(b []byte, at uint32) directory {
	d := directory{values: map[uint16]value{}}
	if uint64(at)+2 > uint64(len(b)) {
		return d
	}
	list := b[at+2:]
	n := int(w.order.Uint16(b[at:]))
	if n > maxEntries {
		return d
	}
	for ; n > 0 && len(list) >= 12; n-- {
		if v, ok := w.value(b, list[:12]); ok {
			d.values[w.order.Uint16(list)] = v
		}
		list = list[12:]
	}
	if n == 0 && len(list) >= 4 {
		d.after = w.order.Uint32(list)
	}
	return d
}

// value reads an entry.
func (w *walker) value(b, entry []byte) (v value, ok bool) {
	size := sizes[w.order.Uint16(entry[2:])]
	length := uint64(size) * uint64(w.order.Uint32(entry[4:]))
	v = value{size: size, at: w.order.Uint32(entry[8:])}
	if length <= 4 {
		v.bytes = entry[8 : 8+length]
		return v, size > 0
	}
	if uint64(v.at) > uint64(len(b)) || length > uint64(len(b))-uint64(v.at) {
		return v, false
	}
	v.bytes = b[v.at : uint64(v.at)+length]
	return v, true
}

// number is the only number of a tag; ok is false where it has none or several.
func (w *walker) number(d directory, tag uint16) (n uint64, ok bool) {
	v := d.values[tag]
	if v.size == 0 || len(v.bytes) != v.size {
		return 0, false
	}
	switch v.size {
	case 1:
		return uint64(v.bytes[0]), true
	case 2:
		return uint64(w.order.Uint16(v.bytes)), true
	}
	return uint64(w.order.Uint32(v.bytes)), true
}

// first reads what only the first directory says.
func (w *walker) first(d directory) {
	v, _ := w.number(d, tagOrientation)
	w.orientation = int(v)
	_, w.dng = d.values[tagDNGVersion]
	if v, ok := d.values[tagPanasonicJPEG]; ok {
		w.add(w.file, uint64(v.at), uint64(len(v.bytes)))
	}
}

// look takes the previews of a directory and the directories that it names.
func (w *walker) look(d directory) {
	w.addFrom(w.file, d, tagJPEG, tagJPEGBytes)
	compression, _ := w.number(d, tagCompression)
	colours, _ := w.number(d, tagPhotometric)
	if compression == 6 || compression == 7 { // JPEG in a single strip; several are not one file
		w.addFrom(w.file, d, tagStrips, tagStripBytes)
	}
	w.sensor = w.sensor || slices.Contains(sensorCompressions, compression) || slices.Contains(sensorColours, colours)
	if v := d.values[tagSubIFDs]; v.size == 4 {
		for rest := v.bytes; len(rest) >= 4; rest = rest[4:] {
			w.push(w.order.Uint32(rest))
		}
	}
	if at, ok := w.number(d, tagEXIF); ok {
		w.push(uint32(at))
	}
	if v, ok := d.values[tagMakerNote]; ok {
		w.olympus(v.bytes)
	}
	w.push(d.after)
}

// addFrom takes the preview whose place and length two tags give.
func (w *walker) addFrom(b []byte, d directory, place, length uint16) {
	at, ok := w.number(d, place)
	n, both := w.number(d, length)
	if ok && both {
		w.add(b, at, n)
	}
}

func (w *walker) add(b []byte, at, n uint64) {
	if p := part(b, at, n); p != nil {
		w.found = append(w.found, p)
	}
}

// olympus looks for the preview of Olympus' and OM System's cameras: in a directory of their notes, whose offsets count from the
// beginning of the notes.
func (w *walker) olympus(notes []byte) {
	var start uint32
	switch {
	case bytes.HasPrefix(notes, []byte("OLYMPUS\x00")):
		start = 12
	case bytes.HasPrefix(notes, []byte("OM SYSTEM\x00")):
		start = 16
	default:
		return
	}
	camera, ok := w.directory(notes, start).values[tagOlympusCamera]
	if !ok {
		return
	}
	w.addFrom(notes, w.directory(notes, camera.at), tagOlympusJPEG, tagOlympusJPEGBytes)
}

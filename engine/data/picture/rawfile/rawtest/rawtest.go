// Package rawtest makes small raw files of cameras for tests.
package rawtest

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
)

// Entry is a tag of a directory with a number of type LONG or, where Bytes are not nil, those bytes as UNDEFINED, or a Text as ASCII;
// Dirs are offsets.
type Entry struct {
	Tag   uint16
	Value uint32
	Bytes []byte
	Text  string
	Dirs  []Dir // SubIFDs
	JPEG  []byte
}

// Dir is the entries of a directory, by ascending tags.
type Dir []Entry

// TIFF is a TIFF file of these directories, one after the other, with these first four bytes. An entry with JPEG has the offset of that
// file, one with Dirs the offsets of these directories.
func TIFF(mark string, dirs ...Dir) []byte {
	var order byteOrder = binary.LittleEndian
	if mark[0] == 'M' {
		order = binary.BigEndian
	}
	f := &file{order: order}
	f.b = append(f.b, mark...)
	f.b = append(f.b, make([]byte, 12)...) // the offset of the first directory, and room for CR2's mark
	at := 4
	for _, d := range dirs {
		order.PutUint32(f.b[at:], uint32(len(f.b)))
		at = f.dir(d)
	}
	return f.b
}

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

type file struct {
	order byteOrder
	b     []byte
}

// dir appends a directory and gives the place of the offset of the following one.
func (f *file) dir(d Dir) (next int) {
	f.b = f.order.AppendUint16(f.b, uint16(len(d)))
	at := len(f.b)
	f.b = append(f.b, make([]byte, 12*len(d)+4)...)
	for i, e := range d {
		kind, count, value := uint16(4), 1, e.Value
		switch {
		case e.JPEG != nil:
			value = uint32(len(f.b))
			f.b = append(f.b, e.JPEG...)
		case e.Bytes != nil:
			kind, count, value = 7, len(e.Bytes), uint32(len(f.b))
			f.b = append(f.b, e.Bytes...)
		case e.Text != "":
			kind, count, value = 2, len(e.Text), uint32(len(f.b))
			f.b = append(f.b, e.Text...)
		case e.Dirs != nil:
			count, value = len(e.Dirs), f.dirs(e.Dirs)
		}
		entry := f.b[at+12*i:]
		f.order.PutUint16(entry, e.Tag)
		f.order.PutUint16(entry[2:], kind)
		f.order.PutUint32(entry[4:], uint32(count))
		f.order.PutUint32(entry[8:], value)
	}
	return at + 12*len(d)
}

// dirs appends directories and gives the value of an entry that names them.
func (f *file) dirs(list []Dir) uint32 {
	var offsets []uint32
	for _, d := range list {
		offsets = append(offsets, uint32(len(f.b)))
		f.dir(d)
	}
	if len(offsets) == 1 {
		return offsets[0]
	}
	at := uint32(len(f.b))
	for _, o := range offsets {
		f.b = f.order.AppendUint32(f.b, o)
	}
	return at
}

// JPEG is a picture of w x h pixels whose left half is dark and whose right half is bright.
func JPEG(w, h int) []byte {
	im := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := w / 2; x < w; x++ {
			im.SetGray(x, y, color.Gray{Y: 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, im, &jpeg.Options{Quality: 95}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Lossless is the beginning of a lossless JPEG file of w x h values, as raw files hold it for the sensor.
func Lossless(w, h uint16) []byte {
	b := []byte{0xff, 0xd8, 0xff, 0xc3, 0, 11, 14, 0, 0, 0, 0, 1, 0, 0x11, 0}
	binary.BigEndian.PutUint16(b[7:], h)
	binary.BigEndian.PutUint16(b[9:], w)
	return append(b, 0xff, 0xda, 0, 8, 1, 0, 0, 1, 0, 0, 0xff, 0xd9)
}

// WithOrientation is a JPEG file with EXIF data that give an orientation.
func WithOrientation(b []byte, v byte) []byte {
	exif := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	exif[24] = v
	head := []byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(2 + len(exif))}
	return append(append(head, exif...), b[2:]...)
}

// Fuji is a RAF file with that preview.
func Fuji(preview []byte) []byte {
	b := make([]byte, 160)
	copy(b, "FUJIFILMCCD-RAW 0201FF389901X-T1")
	binary.BigEndian.PutUint32(b[84:], uint32(len(b)))
	binary.BigEndian.PutUint32(b[88:], uint32(len(preview)))
	return append(append(b, preview...), make([]byte, 64)...)
}

// Nikon is a file of the structure of NEF: a thumbnail in the first directory, below it a preview and the sensor's values.
func Nikon(mark string, orientation uint32, preview []byte) []byte {
	return TIFF(mark, Dir{
		{Tag: 256, Value: 160},
		{Tag: 257, Value: 120},
		{Tag: 259, Value: 1},
		{Tag: 262, Value: 2},
		{Tag: 274, Value: orientation},
		{Tag: 330, Dirs: []Dir{
			{{Tag: 259, Value: 6}, {Tag: 513, JPEG: preview}, {Tag: 514, Value: uint32(len(preview))}},
			{{Tag: 259, Value: 34713}, {Tag: 262, Value: 32803}, {Tag: 273, Value: 8}, {Tag: 279, Value: 4}},
		}},
	})
}

// Package bmpfile reads Windows and OS/2 bitmaps (BMP): all headers of 12 to 124 bytes; 1, 4 and 8 bits with a palette, also
// run-length encoded; 16, 24 and 32 bits with any masks. Pixels equal Pillow's; golang.org/x/image/bmp supports neither
// masks nor run lengths nor OS/2's headers. The bytes are not trusted: all reading stays within them.
package bmpfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"math/bits"
	"slices"

	"udml-gpu/engine/data/picture/unread"
)

// The values of the field "compression".
const (
	raw = iota
	rle8
	rle4
	bitFields
)

const (
	fileHeader = 14 // bytes before the header proper
	coreHeader = 12 // bytes of the oldest header, with sides of 16 bits and palette entries of 3 bytes
)

var errHeader = errors.New("it ends within the header")

// notRead is the error for an unsupported kind of file.
func notRead(format string, args ...any) error {
	return &unread.Error{Format: "BMP", What: fmt.Sprintf(format, args...)}
}

// header is the part before the pixels.
type header struct {
	width, height int
	topDown       bool
	bits          int // of a pixel
	compression   uint32
	masks         [3]uint32 // of red, green and blue, for 16 to 32 bits
	palette       []byte    // entries of blue, green, red and, unless of 3 bytes, one more
	entry         int       // bytes of a palette entry
	pixels        int64     // offset in the file
}

// Config reads the size. Errors name unsupported kinds of files.
func Config(b []byte) (image.Config, error) {
	h, err := readHeader(b)
	return image.Config{Width: h.width, Height: h.height}, err
}

// Is tells whether b starts like a bitmap: with a file header, or directly with the header proper, as in Windows's memory
// and in some files (.dib).
func Is(b []byte) bool {
	if bytes.HasPrefix(b, []byte("BM")) {
		return true
	}
	const planes = 12 // offset of a field that is 1 in every file, 8 in the oldest header
	if len(b) < 40 || !knownSize(binary.LittleEndian.Uint32(b)) {
		return false
	}
	return b[planes] == 1 && b[planes+1] == 0 || b[0] == coreHeader && b[8] == 1 && b[9] == 0
}

func knownSize(n uint32) bool {
	return slices.Contains([]uint32{coreHeader, 40, 52, 56, 64, 108, 124}, n)
}

func readHeader(b []byte) (h header, err error) {
	start := 0
	if bytes.HasPrefix(b, []byte("BM")) {
		start = fileHeader
	}
	if len(b) < start+coreHeader {
		return h, errHeader
	}
	size := binary.LittleEndian.Uint32(b[start:])
	if !knownSize(size) {
		return h, notRead("a header of %d bytes", size)
	}
	end := start + int(size)
	if len(b) < end {
		return h, errHeader
	}
	if start > 0 {
		h.pixels = int64(binary.LittleEndian.Uint32(b[10:]))
	}
	info, rest := b[start:end], b[end:]
	colours := h.readInfo(info)
	if h.compression == bitFields {
		if rest, err = h.readMasks(info, rest); err != nil {
			return h, err
		}
	}
	if err := h.check(); err != nil {
		return h, err
	}
	if h.bits <= 8 {
		rest = h.readPalette(rest, colours, int64(end))
	}
	if h.pixels == 0 {
		h.pixels = int64(len(b) - len(rest))
	}
	return h, nil
}

// readInfo reads the fields common to all headers, and the number of colours in the palette, 0 for as many as fit the bits.
func (h *header) readInfo(b []byte) (colours uint32) {
	order := binary.LittleEndian
	if len(b) == coreHeader {
		h.width, h.height, h.bits, h.entry = int(order.Uint16(b[4:])), int(order.Uint16(b[6:])), int(order.Uint16(b[10:])), 3
	} else {
		height := order.Uint32(b[8:])
		if h.topDown = b[11] == 0xff; h.topDown {
			height = -height
		}
		h.width, h.height, h.bits, h.entry = int(order.Uint32(b[4:])), int(height), int(order.Uint16(b[14:])), 4
		h.compression, colours = order.Uint32(b[16:]), order.Uint32(b[32:])
	}
	switch h.bits {
	case 16:
		h.masks = [3]uint32{0x7c00, 0x3e0, 0x1f}
	case 24, 32:
		h.masks = [3]uint32{0xff0000, 0xff00, 0xff}
	}
	return colours
}

// readMasks takes the masks from the header, or from behind one of 40 bytes; without any, the usual ones.
func (h *header) readMasks(info, rest []byte) ([]byte, error) {
	from := rest
	if len(info) >= 52 {
		from = info[40:]
	} else if len(info) != 40 || len(rest) < 12 {
		return nil, errHeader
	} else {
		rest = rest[12:]
	}
	var masks [3]uint32
	for i := range masks {
		masks[i] = binary.LittleEndian.Uint32(from[4*i:])
	}
	if masks != [3]uint32{} {
		h.masks = masks
	}
	return rest, nil
}

// check refuses unsupported kinds.
func (h *header) check() error {
	switch {
	case h.compression == 4 || h.compression == 5:
		return notRead("a JPEG or PNG file inside")
	case h.compression > bitFields:
		return notRead("compression %d", h.compression)
	case h.bits != 1 && h.bits != 4 && h.bits != 8 && h.bits != 16 && h.bits != 24 && h.bits != 32:
		return notRead("%d bits a pixel", h.bits)
	case h.bits <= 8 && h.compression == bitFields || h.bits > 8 && (h.compression == rle8 || h.compression == rle4):
		return notRead("compression %d of %d bits a pixel", h.compression, h.bits)
	}
	for _, mask := range h.masks {
		if ones := mask >> (bits.TrailingZeros32(mask) % 32); ones&(ones+1) != 0 {
			return notRead("gaps in the colour mask %#x", mask)
		}
	}
	return nil
}

// readPalette takes the palette from behind the header. In some files the offset of the pixels is there too: they then follow the palette.
func (h *header) readPalette(rest []byte, colours uint32, end int64) []byte {
	if colours == 0 {
		colours = 1 << h.bits
	}
	length := int64(colours) * int64(h.entry)
	if h.pixels == end {
		h.pixels += length
	}
	length = min(length, int64(len(rest)))
	h.palette, rest = rest[:length], rest[length:]
	return rest
}

// Package giffile reads the first frame of a GIF, with Pillow's pixels. image/gif refuses frames that reach beyond the picture,
// indices beyond the palette, files without a palette or with more codes than pixels, and bytes between blocks, all of which
// viewers accept. The bytes are not trusted: all reading stays within them.
package giffile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
)

var errShort = errors.New("the file breaks off before the end of the image")

// header is the part before the codes of the first frame.
type header struct {
	size        image.Point     // of the picture
	frame       image.Rectangle // the frame's place in it
	palette     []byte          // of 3 bytes a colour; nil: index v is grey of level v
	transparent int             // the index of transparent pixels, -1 for none
	interlaced  bool
	codes       []byte // from the code size on
}

// Is tells whether b starts like a GIF.
func Is(b []byte) bool {
	return bytes.HasPrefix(b, []byte("GIF87a")) || bytes.HasPrefix(b, []byte("GIF89a"))
}

// Config reads the size. A first frame that reaches beyond the picture enlarges it.
func Config(b []byte) (image.Config, error) {
	h, err := readHeader(b)
	return image.Config{Width: h.size.X, Height: h.size.Y}, err
}

func readHeader(b []byte) (h header, err error) {
	if len(b) < 13 || !Is(b) {
		return h, errors.New("it ends within the header")
	}
	h.size = pointAt(b[6:])
	h.transparent = -1
	flags, b := b[10], b[13:]
	if h.palette, b, err = takePalette(flags, b); err != nil {
		return h, err
	}
	for len(b) > 0 {
		switch kind := b[0]; kind {
		case ',':
			return h, h.readFrame(b[1:])
		case ';':
			return h, errors.New("it holds no image")
		case '!':
			b = h.passExtension(b[1:])
		default: // a byte between blocks
			b = b[1:]
		}
	}
	return h, errors.New("it ends before an image")
}

func pointAt(b []byte) image.Point {
	return image.Pt(int(binary.LittleEndian.Uint16(b)), int(binary.LittleEndian.Uint16(b[2:])))
}

// takePalette takes the palette announced by flags.
func takePalette(flags byte, b []byte) (palette, rest []byte, err error) {
	if flags&0x80 == 0 {
		return nil, b, nil
	}
	length := 3 << (flags&7 + 1)
	if len(b) < length {
		return nil, nil, errors.New("it ends within a palette")
	}
	return b[:length], b[length:], nil
}

// passExtension skips an extension, but takes the transparent index from a graphic control extension.
func (h *header) passExtension(b []byte) (rest []byte) {
	const graphicControl = 0xf9
	if len(b) == 0 {
		return nil
	}
	label := b[0]
	block, rest := takeBlock(b[1:])
	if label == graphicControl && len(block) >= 4 && block[0]&1 != 0 {
		h.transparent = int(block[3])
	}
	for len(block) > 0 {
		block, rest = takeBlock(rest)
	}
	return rest
}

// takeBlock takes a length and a block of that many bytes, up to 255; an empty block ends a series.
func takeBlock(b []byte) (block, rest []byte) {
	if len(b) == 0 {
		return nil, nil
	}
	end := min(1+int(b[0]), len(b))
	return b[1:end], b[end:]
}

// readFrame reads the part between a frame's mark and its codes.
func (h *header) readFrame(b []byte) (err error) {
	if len(b) < 10 {
		return errors.New("it ends within the header of a frame")
	}
	at := pointAt(b)
	h.frame = image.Rectangle{Min: at, Max: at.Add(pointAt(b[4:]))}
	if h.frame.Dx() == 0 || h.frame.Dy() == 0 {
		return errors.New("its first frame has no pixels")
	}
	h.size.X, h.size.Y = max(h.size.X, h.frame.Max.X), max(h.size.Y, h.frame.Max.Y)
	flags := b[8]
	h.interlaced = flags&0x40 != 0
	local, rest, err := takePalette(flags, b[9:])
	if local != nil {
		h.palette = local
	}
	h.codes = rest
	return err
}

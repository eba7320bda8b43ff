// Package giffile reads the first frame of a GIF to Pillow's pixels. image/gif refuses frames that reach beyond the picture,
// indices beyond the palette, files without a palette or with more codes than pixels, and bytes between blocks, which
// viewers bear. The bytes are not trusted: all reading stays within them.
package giffile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
)

var errShort = errors.New("the file breaks off before the end of the image")

// header is what stands before the codes of the first frame.
type header struct {
	size        image.Point     // of the picture
	frame       image.Rectangle // where the frame stands in it
	palette     []byte          // of 3 bytes a colour; nil: index v is grey of level v
	transparent int             // the index that shows nothing, -1 for none
	interlaced  bool
	codes       []byte // from the code size on
}

// Is tells whether b starts as a GIF does.
func Is(b []byte) bool {
	return bytes.HasPrefix(b, []byte("GIF87a")) || bytes.HasPrefix(b, []byte("GIF89a"))
}

// Config reads the size, which a first frame that reaches beyond it enlarges.
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
		default: // bytes between blocks
			b = b[1:]
		}
	}
	return h, errors.New("it ends before an image")
}

func pointAt(b []byte) image.Point {
	return image.Pt(int(binary.LittleEndian.Uint16(b)), int(binary.LittleEndian.Uint16(b[2:])))
}

// takePalette takes the palette that flags tell of.
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

// passExtension passes over an extension, and takes the transparent index from that for graphic control.
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

// takeBlock takes a block of up to 255 bytes behind its length; a block without bytes ends a series of them.
func takeBlock(b []byte) (block, rest []byte) {
	if len(b) == 0 {
		return nil, nil
	}
	end := min(1+int(b[0]), len(b))
	return b[1:end], b[end:]
}

// readFrame reads what stands between a frame's mark and its codes.
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

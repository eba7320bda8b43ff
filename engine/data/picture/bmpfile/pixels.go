package bmpfile

import (
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"math/bits"
)

var errShort = errors.New("the file breaks off before the end of the image")

// Decode decodes a file: to *image.Paletted where it has a palette, otherwise to *image.RGBA with alpha 255, whatever its alpha.
// Indices beyond the palette are black. The caller has bounded the size given by Config.
func Decode(b []byte) (image.Image, error) {
	h, err := readHeader(b)
	if err != nil {
		return nil, err
	}
	if h.pixels > int64(len(b)) {
		return nil, errShort
	}
	if h.bits > 8 {
		return h.colours(b[h.pixels:])
	}
	im := image.NewPaletted(image.Rect(0, 0, h.width, h.height), h.colourTable())
	if h.compression == raw {
		err = h.indices(im, b[h.pixels:])
	} else {
		err = h.runs(im, b[h.pixels:])
	}
	return im, err
}

// row is the row of the image for the n-th row of the file.
func (h *header) row(n int) int {
	if h.topDown {
		return n
	}
	return h.height - 1 - n
}

// rowBytes is the length of a row in the file, padded to 4 bytes, and the part of it that holds pixels. The last row may
// lack its padding.
func (h *header) rowBytes() (stride, used int) {
	n := h.width * h.bits
	return (n + 31) >> 3 &^ 3, (n + 7) >> 3
}

// has tells whether b holds all rows.
func (h *header) has(b []byte) bool {
	stride, used := h.rowBytes()
	return int64(len(b)) >= int64(h.height-1)*int64(stride)+int64(used)
}

func (h *header) colourTable() color.Palette {
	table := make(color.Palette, 256)
	for i := range table {
		c := color.RGBA{A: 255}
		if p := h.palette; len(p) >= (i+1)*h.entry {
			c.B, c.G, c.R = p[i*h.entry], p[i*h.entry+1], p[i*h.entry+2]
		}
		table[i] = c
	}
	return table
}

// indices unpacks pixels of 1, 4 or 8 bits; the first is in the highest bits of its byte.
func (h *header) indices(im *image.Paletted, b []byte) error {
	if !h.has(b) {
		return errShort
	}
	stride, _ := h.rowBytes()
	each := 8 / h.bits
	for n := range h.height {
		row, dst := b[n*stride:], im.Pix[h.row(n)*im.Stride:][:h.width]
		for x := range dst {
			spare := 8 - h.bits*(x%each+1)
			dst[x] = row[x/each] >> spare & (1<<h.bits - 1)
		}
	}
	return nil
}

// colours unpacks pixels of 16 to 32 bits by their masks.
func (h *header) colours(b []byte) (image.Image, error) {
	if !h.has(b) {
		return nil, errShort
	}
	stride, _ := h.rowBytes()
	var channels [3]channel
	for i, mask := range h.masks {
		channels[i] = channelOf(mask)
	}
	im := image.NewRGBA(image.Rect(0, 0, h.width, h.height))
	for n := range h.height {
		row, dst := b[n*stride:], im.Pix[h.row(n)*im.Stride:][:4*h.width]
		for x := 0; x < len(dst); x += 4 {
			var v uint32
			switch h.bits {
			case 16:
				v = uint32(binary.LittleEndian.Uint16(row))
			case 24:
				v = uint32(row[0]) | uint32(row[1])<<8 | uint32(row[2])<<16
			case 32:
				v = binary.LittleEndian.Uint32(row)
			}
			row = row[h.bits/8:]
			for i, c := range channels {
				dst[x+i] = c.of(v)
			}
			dst[x+3] = 255
		}
	}
	return im, nil
}

// channel is the place of a colour in a pixel.
type channel struct {
	mask, most uint32 // most is the largest value
	shift      int
}

func channelOf(mask uint32) channel {
	if mask == 0 {
		return channel{most: 1}
	}
	shift := bits.TrailingZeros32(mask)
	return channel{mask, mask >> shift, shift}
}

// of is the channel of a pixel, scaled to 0..255 and rounded down, as in Pillow.
func (c channel) of(v uint32) uint8 {
	v = v & c.mask >> c.shift
	if c.most == 255 {
		return uint8(v)
	}
	return uint8(uint64(v) * 255 / uint64(c.most))
}

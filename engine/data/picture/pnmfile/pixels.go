package pnmfile

import (
	"fmt"
	"image"
	"math"
)

// Decode decodes a file: to *image.Gray, or to *image.RGBA with alpha 255. Values are scaled to 0..255 and rounded to the
// nearest, half to even; those of a graymap of more than 8 bits are scaled to 16 bits and keep the high byte. The
// caller has bounded the size given by Config.
func Decode(b []byte) (image.Image, error) {
	h, err := readHeader(b)
	if err != nil {
		return nil, err
	}
	n := h.width * h.height * h.channels()
	if int64(len(h.pixels)) < h.least(n) {
		return nil, errShort
	}
	values := make([]uint8, n)
	switch {
	case h.bitmap() && h.plain():
		err = h.digits(values)
	case h.bitmap():
		h.bits(values)
	case h.plain():
		err = h.numbers(values)
	default:
		h.raw(values)
	}
	if err != nil {
		return nil, err
	}
	return h.image(values), nil
}

// least is the smallest number of bytes for n values.
func (h *header) least(n int) int64 {
	switch {
	case h.kind == '4':
		return int64((h.width + 7) / 8 * h.height)
	case h.kind == '1':
		return int64(n)
	case h.plain():
		return 2*int64(n) - 1
	case h.most > 255:
		return 2 * int64(n)
	}
	return int64(n)
}

func (h *header) image(values []uint8) image.Image {
	r := image.Rect(0, 0, h.width, h.height)
	if h.channels() == 1 {
		return &image.Gray{Pix: values, Stride: h.width, Rect: r}
	}
	im := image.NewRGBA(r)
	for i := range h.width * h.height {
		*(*[4]uint8)(im.Pix[4*i:]) = [4]uint8{values[3*i], values[3*i+1], values[3*i+2], 255}
	}
	return im
}

// scale is the table that maps values to 0..255.
func (h *header) scale() []uint8 {
	table := make([]uint8, h.most+1)
	for v := range table {
		part := float64(v) / float64(h.most)
		if h.most > 255 && h.channels() == 1 {
			table[v] = uint8(int(math.RoundToEven(part*65535)) >> 8)
		} else {
			table[v] = uint8(math.RoundToEven(part * 255))
		}
	}
	return table
}

// bits unpacks raw bitmaps, whose rows start at whole bytes.
func (h *header) bits(values []uint8) {
	stride := (h.width + 7) / 8
	for i := range values {
		y, x := i/h.width, i%h.width
		if h.pixels[y*stride+x/8]<<(x%8)&0x80 == 0 {
			values[i] = 255
		}
	}
}

// raw takes values of one byte, or of two with the higher byte first. Those above the maximum are white.
func (h *header) raw(values []uint8) {
	table := h.scale()
	for i := range values {
		var v int
		if h.most > 255 {
			v = int(h.pixels[2*i])<<8 | int(h.pixels[2*i+1])
		} else {
			v = int(h.pixels[i])
		}
		values[i] = table[min(v, h.most)]
	}
}

// digits takes a plain bitmap, whose digits need no space between them.
func (h *header) digits(values []uint8) error {
	b, i := h.pixels, 0
	for i < len(values) && len(b) > 0 {
		c := b[0]
		b = b[1:]
		switch {
		case c == '#':
			b = afterLine(b)
		case c == '0':
			values[i] = 255
			i++
		case c == '1':
			i++
		case !isSpace(c):
			return fmt.Errorf("found %q, expected 0 or 1", c)
		}
	}
	if i < len(values) {
		return errShort
	}
	return nil
}

// numbers takes plain values.
func (h *header) numbers(values []uint8) error {
	table, b := h.scale(), h.pixels
	for i := range values {
		v, rest, err := number(b)
		if err != nil {
			return err
		}
		if v > h.most {
			return fmt.Errorf("the value %d is above the maximum %d", v, h.most)
		}
		values[i], b = table[v], rest
	}
	return nil
}

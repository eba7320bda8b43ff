package tifffile

import (
	"errors"
	"fmt"
	"image"
	"image/color"
)

// canvas is the image while its chunks arrive: each pixel has one byte, or four, the first of which are its channels.
type canvas struct {
	l     *layout
	pix   []byte
	step  int // bytes of a pixel
	take  func(row []byte, i int) uint8
	plain bool // samples are bytes
}

func newCanvas(l *layout, order byteOrder) *canvas {
	c := &canvas{l: l, step: 1, plain: l.bits == 8, take: l.sample(order)}
	if l.channels() > 1 {
		c.step = 4
	}
	c.pix = make([]byte, l.width*l.height*c.step)
	return c
}

// fill decodes all chunks.
func (c *canvas) fill(src source) error {
	l := c.l
	buffer := make([]byte, l.rowBytes()*l.down)
	n := 0
	for plane := range l.planes() {
		for y := 0; y < l.height; y += l.down {
			for x := 0; x < l.width; x += l.across {
				rows := min(l.down, l.height-y)
				if err := src.chunk(n, rows, buffer); err != nil {
					return fmt.Errorf("strip or tile %d: %w", n, err)
				}
				c.place(buffer, plane, image.Rect(x, y, min(x+l.across, l.width), y+rows))
				n++
			}
		}
	}
	return nil
}

// place copies the chunk that covers r: one channel where each has its own plane, otherwise all.
func (c *canvas) place(chunk []byte, plane int, r image.Rectangle) {
	samples, channels := c.l.interleaved(), c.l.channels()
	if c.l.separate {
		channels = 1
	}
	row := c.l.rowBytes()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		src := chunk[(y-r.Min.Y)*row:][:row]
		dst := c.pix[(y*c.l.width+r.Min.X)*c.step:][:r.Dx()*c.step]
		for ch := range channels {
			c.placeRow(dst[plane+ch:], src, ch, samples)
		}
	}
}

func (c *canvas) placeRow(dst, src []byte, at, samples int) {
	if c.plain {
		for i := 0; i < len(dst); i += c.step {
			dst[i] = src[at]
			at += samples
		}
		return
	}
	for i := 0; i < len(dst); i += c.step {
		dst[i] = c.take(src, at)
		at += samples
	}
}

// image is the filled canvas as a Go image of the matching type.
func (c *canvas) image(d *directory) (image.Image, error) {
	r := image.Rect(0, 0, c.l.width, c.l.height)
	switch c.l.photometric {
	case palette:
		colours, err := c.l.palette(d)
		return &image.Paletted{Pix: c.pix, Stride: r.Dx(), Rect: r, Palette: colours}, err
	case cmykColours:
		return &image.CMYK{Pix: c.pix, Stride: 4 * r.Dx(), Rect: r}, nil
	case rgbColours, ycbcrColours, labColours:
		if c.l.photometric == labColours {
			labToRGB(c.pix)
		} else if c.l.multiplied() {
			divideByAlpha(c.pix)
		}
		return &image.NRGBA{Pix: c.pix, Stride: 4 * r.Dx(), Rect: r}, nil
	case whiteIsZero:
		if c.l.format == unsigned { // Pillow inverts no other kind of numbers
			for i, v := range c.pix {
				c.pix[i] = 255 - v
			}
		}
	}
	return &image.Gray{Pix: c.pix, Stride: r.Dx(), Rect: r}, nil
}

// palette is the colour map: all reds, then all greens, then all blues, of 16 bits each.
func (l *layout) palette(d *directory) (color.Palette, error) {
	values := d.all(tagColours, 3<<l.bits)
	if len(values) < 3 {
		return nil, errors.New("it has no colour map")
	}
	n := len(values) / 3
	colours := make(color.Palette, 1<<l.bits)
	for i := range colours {
		colours[i] = color.RGBA{A: 255} // for colours missing in the map
		if i < n {
			colours[i] = color.RGBA{uint8(values[i] >> 8), uint8(values[n+i] >> 8), uint8(values[2*n+i] >> 8), 255}
		}
	}
	return colours, nil
}

// divideByAlpha undoes premultiplication by alpha, with Pillow's rounding.
func divideByAlpha(pix []byte) {
	for i := 0; i+4 <= len(pix); i += 4 {
		a := int(pix[i+3])
		for c := range 3 {
			if a == 0 {
				pix[i+c] = 0
			} else {
				pix[i+c] = uint8(min(int(pix[i+c])*255/a, 255))
			}
		}
	}
}

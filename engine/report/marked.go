package report

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"

	"golang.org/x/image/draw"
)

// The frames of Marked, in the colours of the page: whole for what is right, broken for what is wrong.
var (
	rightColour = color.RGBA{0x00, 0x9e, 0x73, 255}
	wrongColour = color.RGBA{0xd5, 0x5e, 0x00, 255}
)

const frameWidth, dash, dashGap = 3, 6, 4

// Marked is the picture with its marks drawn into it, for programs that show the file alone; the file itself where it has none.
func (p *Picture) Marked() []byte {
	im, err := jpeg.Decode(bytes.NewReader(p.JPEG))
	if len(p.Marks) == 0 || err != nil {
		return p.JPEG
	}
	canvas := image.NewRGBA(im.Bounds())
	draw.Draw(canvas, canvas.Bounds(), im, im.Bounds().Min, draw.Src)
	for _, m := range p.Marks {
		m.frame(canvas)
	}
	var b bytes.Buffer
	if jpeg.Encode(&b, canvas, &jpeg.Options{Quality: 85}) != nil {
		return p.JPEG
	}
	return b.Bytes()
}

// frame draws the mark's frame inside its edges.
func (m Mark) frame(canvas *image.RGBA) {
	c, broken := rightColour, !m.Right
	if broken {
		c = wrongColour
	}
	for y := range m.Height {
		for x := range m.Width {
			edge := min(x, y, m.Width-1-x, m.Height-1-y)
			along := x
			if x < frameWidth || x >= m.Width-frameWidth {
				along = y
			}
			if edge < frameWidth && !(broken && along%(dash+dashGap) >= dash) {
				canvas.SetRGBA(m.X+x, m.Y+y, c)
			}
		}
	}
}

package preset

import (
	"image"
)

// marks are what the pixels of an image show.
type marks struct {
	colour  bool    // the image has colours
	extreme float64 // share of the pixels that are nearly black or nearly white
	stroke  float64 // thickness of the rarer of black and white, as a share of the shorter side; 0: the image is of one of them
}

// The limits of marksOf, in levels of 0 to 255, and of what a line drawing is. Scanned grey images of plankton and silhouettes, for which
// another size is best, lie on the other side of the last two (docs/backbones.md).
const (
	chroma      = 16   // from which on the channels of a pixel differ by more than a JPEG file makes of grey
	mostlyGrey  = 0.02 // share of pixels with colours from which on an image has them
	black       = 32   // below it a pixel is nearly black
	white       = 224  // from it on a pixel is nearly white
	middle      = 128  // between black and white
	twoLevels   = 0.95 // share of nearly black or white pixels of an image of two levels
	thickStroke = 0.08 // share of the shorter side from which on black on white is an area and no line
)

// drawing says whether the image is a drawing of thin lines in two levels.
func (m *marks) drawing() bool {
	return !m.colour && m.extreme >= twoLevels && m.stroke > 0 && m.stroke < thickStroke
}

// marksOf looks at an image of picture.Decode. The thickness of strokes is 2 A / T of a pixels of area A, T the number of pairs of pixels,
// side by side or one below the other, that lie on both sides of the middle: of a line of w pixels, across or down, T/2 is its length, and
// the thickness w.
func marksOf(im image.Image) marks {
	width, height := im.Bounds().Dx(), im.Bounds().Dy()
	coloured, extreme, light, changes := 0, 0, 0, 0
	above := make([]bool, width) // the row before: whether a pixel is light
	for y := range height {
		left := false
		for x := range width {
			level, spread := pixel(im, x, y)
			is := level >= middle
			coloured += ones(spread > chroma)
			extreme += ones(level < black || level >= white)
			light += ones(is)
			changes += ones(x > 0 && is != left) + ones(y > 0 && is != above[x])
			left, above[x] = is, is
		}
	}
	n := float64(width * height)
	m := marks{colour: float64(coloured) > mostlyGrey*n, extreme: float64(extreme) / n}
	if changes > 0 {
		m.stroke = 2 * float64(min(light, width*height-light)) / float64(changes) / float64(min(width, height))
	}
	return m
}

// pixel is the level of a pixel of an image of picture.Decode, and by how much its channels differ.
func pixel(im image.Image, x, y int) (level, spread int) {
	if g, ok := im.(*image.Gray); ok {
		return int(g.Pix[y*g.Stride+x]), 0
	}
	rgba := im.(*image.RGBA)
	p := rgba.Pix[y*rgba.Stride+4*x:][:3]
	r, g, b := int(p[0]), int(p[1]), int(p[2])
	return (299*r + 587*g + 114*b) / 1000, max(r, g, b) - min(r, g, b)
}

func ones(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

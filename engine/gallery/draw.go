package gallery

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"

	"golang.org/x/image/draw"

	"udml-gpu/engine/report"
)

// The measures of a row of thumbnails in pixels.
const (
	side  = 64 // of a thumbnail
	gap   = 3  // between two of them
	pitch = side + gap
	wide  = 12 // between the parts of a row
)

// quality is that of the JPEG files.
const quality = 80

// ground lies behind the thumbnails: a grey that neither a light nor a dark page is loud around.
var ground = image.NewUniform(color.Gray{128})

// canvas is thumbnails that are drawn one by one.
type canvas struct {
	g  *Gallery
	im *image.RGBA
}

func (g *Gallery) canvas(width, height int) *canvas {
	c := &canvas{g, image.NewRGBA(image.Rect(0, 0, width, height))}
	draw.Draw(c.im, c.im.Bounds(), ground, image.Point{}, draw.Src)
	return c
}

// put draws image i of the cache, which is square, into the square of that size with its upper left corner at x, y.
func (c *canvas) put(i, x, y, size int) {
	im := c.g.cache.Image(i)
	draw.CatmullRom.Scale(c.im, image.Rect(x, y, x+size, y+size), im, im.Bounds(), draw.Src, nil)
}

// picture is what has been drawn.
func (c *canvas) picture() (report.Picture, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, c.im, &jpeg.Options{Quality: quality})
	size := c.im.Bounds().Size()
	return report.Picture{JPEG: b.Bytes(), Width: size.X, Height: size.Y}, err
}

// markAt is the frame of the thumbnail at x, y.
func markAt(x, y int, right bool) report.Mark {
	return report.Mark{X: x, Y: y, Width: side, Height: side, Right: right}
}

package projector

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
)

// Sprite is the picture with all thumbnails, row by row, as many in a row as in a column where they fill the last row.
type Sprite struct {
	Count int // of thumbnails, at least 1
	Side  int // of each, in pixels
	// Load draws the thumbnails from first on, as many as fit, each into a square of tiles (Square). It is called from top to bottom.
	Load func(first int, tiles *image.RGBA)
}

// Square is the place of the thumbnail with that number in a row.
func (s *Sprite) Square(k int) image.Rectangle { return image.Rect(k*s.Side, 0, (k+1)*s.Side, s.Side) }

// PerRow is how many thumbnails are in a row.
func (s *Sprite) PerRow() int {
	per := 1
	for per*per < s.Count {
		per++
	}
	return per
}

// Write writes the picture as PNG; one row of thumbnails is in memory at a time. What no thumbnail covers is grey.
func (s *Sprite) Write(w io.Writer) error {
	per := s.PerRow()
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	return e.Encode(w, &canvas{Sprite: s, per: per, row: -1, tiles: image.NewRGBA(image.Rect(0, 0, per*s.Side, s.Side))})
}

// canvas is a sprite as an image.Image, which PNG's encoder reads from top to bottom.
type canvas struct {
	*Sprite
	per   int         // thumbnails in a row
	row   int         // that is in memory; -1: none
	tiles *image.RGBA // of that row
}

func (c *canvas) ColorModel() color.Model { return color.RGBAModel }

// Bounds implements image.Image: the projector expects a square.
func (c *canvas) Bounds() image.Rectangle { return image.Rect(0, 0, c.per*c.Side, c.per*c.Side) }

// Opaque tells PNG's encoder that there is no transparency, without a pass over the picture.
func (c *canvas) Opaque() bool { return true }

func (c *canvas) At(x, y int) color.Color {
	if row := y / c.Side; row != c.row {
		c.row = row
		draw.Draw(c.tiles, c.tiles.Rect, image.NewUniform(color.Gray{128}), image.Point{}, draw.Src)
		if first := row * c.per; first < c.Count {
			c.Load(first, c.tiles)
		}
	}
	return c.tiles.RGBAAt(x, y%c.Side)
}

package convert

import (
	"bufio"
	"image"
	"image/color"
	"image/draw"
	"image/png"
)

// sprite is the picture with all thumbnails, row by row: as an image.Image of which one row of thumbnails is in memory at a time. PNG's
// encoder reads it from top to bottom.
type sprite struct {
	j     *job
	per   int         // thumbnails in a row
	row   int         // that is in memory; -1: none
	tiles *image.RGBA // of that row
}

// writeSprite writes the thumbnails in the order of the rows, as many in a row as in a column where they fill the last row.
func (j *job) writeSprite(path string) error {
	per := 1
	for per*per < len(j.live) {
		per++
	}
	s := &sprite{j: j, per: per, row: -1, tiles: image.NewRGBA(image.Rect(0, 0, per*j.o.Side, j.o.Side))}
	return j.write(path, func(w *bufio.Writer) error {
		e := png.Encoder{CompressionLevel: png.BestSpeed}
		if err := e.Encode(w, s); err != nil {
			return err
		}
		return j.ctx.Err()
	})
}

// ColorModel implements image.Image.
func (s *sprite) ColorModel() color.Model { return color.RGBAModel }

// Bounds implements image.Image: the projector expects a square.
func (s *sprite) Bounds() image.Rectangle {
	return image.Rect(0, 0, s.per*s.j.o.Side, s.per*s.j.o.Side)
}

// Opaque tells PNG's encoder that there is no transparency, without a pass over the picture.
func (s *sprite) Opaque() bool { return true }

// At implements image.Image.
func (s *sprite) At(x, y int) color.Color {
	if row := y / s.j.o.Side; row != s.row {
		s.load(row)
	}
	return s.tiles.RGBAAt(x, y%s.j.o.Side)
}

// load draws a row of thumbnails, each in the middle of its square; one that cannot be read is grey.
func (s *sprite) load(row int) {
	s.row = row
	side := s.j.o.Side
	draw.Draw(s.tiles, s.tiles.Rect, image.NewUniform(color.Gray{128}), image.Point{}, draw.Src)
	from := min(row*s.per, len(s.j.live))
	items := s.j.live[from:min(from+s.per, len(s.j.live))]
	if s.j.look(from) != nil { // writeSprite returns it
		return
	}
	read := make([]bool, len(items))
	inParallel(len(items), func(k int) {
		im, err := s.j.pics.Thumbnail(items[k], side)
		if err != nil {
			return
		}
		read[k] = true
		at := im.Bounds().Size()
		corner := image.Pt(k*side+(side-at.X)/2, (side-at.Y)/2)
		draw.Draw(s.tiles, image.Rectangle{corner, corner.Add(at)}, im, im.Bounds().Min, draw.Src)
	})
	for _, ok := range read {
		if !ok {
			s.j.r.Unreadable++
		}
	}
}

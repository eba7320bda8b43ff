package convert

import (
	"bufio"
	"image"
	"image/draw"

	"udml-gpu/engine/report/projector"
)

// writeSprite writes the thumbnails in the order of the rows, each in the middle of its square; one that cannot be read stays grey.
func (j *job) writeSprite(path string) error {
	s := &projector.Sprite{Count: len(j.live), Side: j.o.Side}
	per := s.PerRow()
	s.Load = func(first int, tiles *image.RGBA) {
		if j.look(first) == nil { // otherwise writeSprite returns the error
			j.drawThumbnails(s, j.live[first:min(first+per, len(j.live))], tiles)
		}
	}
	return j.write(path, func(w *bufio.Writer) error {
		if err := s.Write(w); err != nil {
			return err
		}
		return j.ctx.Err()
	})
}

// drawThumbnails draws a row of thumbnails.
func (j *job) drawThumbnails(s *projector.Sprite, items []int, tiles *image.RGBA) {
	read := make([]bool, len(items))
	inParallel(len(items), func(k int) {
		im, err := j.pics.Thumbnail(items[k], s.Side)
		if err != nil {
			return
		}
		read[k] = true
		at, square := im.Bounds().Size(), s.Square(k)
		corner := square.Min.Add(image.Pt((s.Side-at.X)/2, (s.Side-at.Y)/2))
		draw.Draw(tiles, image.Rectangle{corner, corner.Add(at)}, im, im.Bounds().Min, draw.Src)
	})
	for _, ok := range read {
		if !ok {
			j.r.Unreadable++
		}
	}
}

package sheet

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"

	"golang.org/x/image/draw"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/pictures"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/models/disk"
)

// MaxBoard is the largest number of pictures that WriteJPEG takes: 18 x 12 cells, 3,032 x 2,512 pixels, 30 MiB while they are drawn.
const MaxBoard = 216

// The measures of a board in pixels. A cell is a picture of Side with two lines of text below it.
const (
	boardMargin = 8
	boardHead   = 56 // of heading and text
	boardLine   = 18 // of a text below a picture
	cellWidth   = Side + boardMargin
	cellHeight  = Side + 2*boardLine + boardMargin
	minColumns  = 4 // so that a heading has room above a single picture
)

// boardQuality is that of the JPEG file.
const boardQuality = 88

var (
	paper = image.NewUniform(color.Gray{255})
	card  = image.NewUniform(color.Gray{240})
	ink   = image.NewUniform(color.Gray{27})
	faint = image.NewUniform(color.Gray{89})
)

// columnsOf gives a grid of n pictures about three cells wide for two high.
func columnsOf(n int) int { return max(minColumns, int(math.Ceil(math.Sqrt(1.5*float64(n))))) }

// WriteJPEG replaces the file at path by a picture of the section: its heading and text, and below them its pictures, at most
// MaxBoard, row
// by row, each with its caption and path. The drawn font has Latin, Greek and Cyrillic letters; a letter that it lacks is an empty box. An
// image that cannot be read has a note in its place. Errors are *baddata.Error.
func (s *Section) WriteJPEG(path string, c *collection.Collection, p *pictures.Pictures) error {
	board, err := s.board(c, p)
	if err == nil {
		err = disk.ReplaceBy(disk.OS, path, func(w io.Writer) error {
			return jpeg.Encode(w, board, &jpeg.Options{Quality: boardQuality})
		})
	}
	if err != nil {
		return baddata.Errorf("%s cannot be written: %w", path, err)
	}
	return nil
}

// board draws the section.
func (s *Section) board(c *collection.Collection, p *pictures.Pictures) (*image.RGBA, error) {
	list := s.Pictures[:min(len(s.Pictures), MaxBoard)]
	columns := columnsOf(len(list))
	rows := (len(list) + columns - 1) / columns
	board := image.NewRGBA(image.Rect(0, 0, boardMargin+columns*cellWidth, boardHead+rows*cellHeight+boardMargin))
	draw.Draw(board, board.Bounds(), paper, image.Point{}, draw.Src)
	w, err := newWriter(board)
	if err != nil {
		return nil, err
	}
	defer w.close()
	line := board.Bounds().Dx() - 2*boardMargin
	w.write(w.large, ink, s.Heading, image.Pt(boardMargin, 26), line, false)
	w.write(w.small, faint, s.Text, image.Pt(boardMargin, 46), line, false)
	for k, picture := range list {
		at := cellOf(k, columns)
		draw.Draw(board, at, card, image.Point{}, draw.Src)
		if thumbnail := thumbnailOf(p, picture.Item); thumbnail != nil {
			lay(board, at, thumbnail)
		} else {
			w.write(w.small, faint, "cannot be read", image.Pt(at.Min.X+boardMargin, at.Min.Y+Side/2), Side-2*boardMargin, false)
		}
		w.below(at, picture.Caption, rawname.Text(c.Items[picture.Item].Path))
	}
	return board, nil
}

// below writes the caption, if any, and the end of the path below a cell.
func (w *writer) below(cell image.Rectangle, caption, path string) {
	line := image.Pt(cell.Min.X, cell.Max.Y+boardLine-4)
	if caption != "" {
		w.write(w.small, ink, caption, line, Side, false)
		line.Y += boardLine
	}
	w.write(w.small, faint, path, line, Side, true)
}

// cellOf is where picture k lies.
func cellOf(k, columns int) image.Rectangle {
	at := image.Pt(boardMargin+k%columns*cellWidth, boardHead+k/columns*cellHeight)
	return image.Rectangle{at, at.Add(image.Pt(Side, Side))}
}

// thumbnailOf is the thumbnail of an item, nil where the image cannot be read.
func thumbnailOf(p *pictures.Pictures, item int) image.Image {
	b, err := p.JPEG(item, Side)
	if err != nil {
		return nil
	}
	im, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	return im
}

// lay draws the picture into the middle of the cell. One that fits several times is enlarged by a whole number.
func lay(board *image.RGBA, cell image.Rectangle, im image.Image) {
	size := im.Bounds().Size()
	size = size.Mul(max(1, Side/max(size.X, size.Y, 1)))
	at := cell.Min.Add(cell.Size().Sub(size).Div(2))
	draw.NearestNeighbor.Scale(board, image.Rectangle{at, at.Add(size)}, im, im.Bounds(), draw.Src, nil)
}

package layout

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math"

	"golang.org/x/image/draw"

	"udml-gpu/engine/collection"
	"udml-gpu/kernels"
)

// Thumbnails gives images as JPEG files of at most side pixels on each side (pictures.Pictures).
type Thumbnails interface {
	JPEG(item, side int) ([]byte, error)
}

// Mosaic is the measures of a picture of a map.
type Mosaic struct {
	Side  int // pixels of a thumbnail
	Cells int // along a side of the picture, at most; half of all cells are filled
}

// wholeMosaic is the picture that Write writes.
var wholeMosaic = Mosaic{Side: 48, Cells: 64}

// pitch is how far two thumbnails beside each other are apart.
func (o Mosaic) pitch() int { return o.Side + 2 }

// The colours of the mosaic: the ground, and a cell whose image cannot be read any more.
var (
	groundColour  = color.RGBA{24, 24, 24, 255}
	missingColour = color.RGBA{96, 96, 96, 255}
)

// writeMosaic writes the map as a PNG file of thumbnails.
func writeMosaic(w io.Writer, m *collection.Map, p Thumbnails, tell func(done, total int)) (shown int, err error) {
	canvas, shown := wholeMosaic.Draw(m, p, tell)
	return shown, png.Encode(w, canvas)
}

// Draw draws the map as thumbnails on a grid: each in the free cell nearest to its place, so that none hides another. Of more images than
// half of the cells it shows as many, at equal distances in the order of the items. shown is how many.
// tell is told how many lines of the grid are drawn.
func (o Mosaic) Draw(m *collection.Map, p Thumbnails, tell func(done, total int)) (canvas *image.RGBA, shown int) {
	side := min(o.Cells, int(math.Ceil(math.Sqrt(2*float64(m.Images)))))
	canvas = image.NewRGBA(image.Rect(0, 0, side*o.pitch(), side*o.pitch()))
	draw.Draw(canvas, canvas.Bounds(), image.NewUniform(groundColour), image.Point{}, draw.Src)
	cells := gridOf(m, side, min(m.Images, (side*side+1)/2))
	for line := range side {
		kernels.Tiles(side, 1, func(lo, hi int) {
			for column := lo; column < hi; column++ {
				if item := cells[line*side+column]; item >= 0 {
					o.drawCell(canvas, image.Pt(column, line).Mul(o.pitch()), p, item)
				}
			}
		})
		tell(line+1, side)
	}
	for _, item := range cells {
		if item >= 0 {
			shown++
		}
	}
	return canvas, shown
}

// gridOf is the item of each cell [side,side], the topmost row first, -1 for none, of count images.
func gridOf(m *collection.Map, side, count int) []int {
	cells := make([]int, side*side)
	for at := range cells {
		cells[at] = -1
	}
	unit, seen := m.Unit(), 0
	for i := range len(unit) / 2 {
		if _, _, ok := m.Place(i); !ok {
			continue
		}
		if seen++; seen*count/m.Images > (seen-1)*count/m.Images {
			cells[freeCell(cells, side, unit[2*i]*float32(side), (1-unit[2*i+1])*float32(side))] = i
		}
	}
	return cells
}

// freeCell is the free cell whose middle is nearest to x and y, in cells. It looks at squares of growing size around the place.
func freeCell(cells []int, side int, x, y float32) int {
	column, line := min(side-1, int(x)), min(side-1, int(y))
	best, least := -1, float32(math.Inf(1))
	for r := 0; r < side && (best < 0 || float32(r-1)*float32(r-1) <= least); r++ {
		for l := max(0, line-r); l <= min(side-1, line+r); l++ {
			pace := 2 * r
			if l == line-r || l == line+r || r == 0 {
				pace = 1
			}
			for c := column - r; c <= column+r; c += pace {
				if c < 0 || c >= side || cells[l*side+c] >= 0 {
					continue
				}
				dx, dy := float32(c)+0.5-x, float32(l)+0.5-y
				if d := dx*dx + dy*dy; d < least {
					best, least = l*side+c, d
				}
			}
		}
	}
	return best
}

// drawCell draws the item into the cell at a corner of the canvas.
func (o Mosaic) drawCell(canvas *image.RGBA, corner image.Point, p Thumbnails, item int) {
	corner = corner.Add(image.Pt(1, 1))
	b, err := p.JPEG(item, o.Side)
	var im image.Image
	if err == nil {
		im, err = jpeg.Decode(bytes.NewReader(b))
	}
	if err != nil {
		im = image.NewUniform(missingColour)
		draw.Draw(canvas, image.Rect(0, 0, o.Side, o.Side).Add(corner), im, image.Point{}, draw.Src)
		return
	}
	size := im.Bounds().Size()
	place := image.Rectangle{Max: size}.Add(corner).Add(image.Pt((o.Side-size.X)/2, (o.Side-size.Y)/2))
	draw.Draw(canvas, place, im, im.Bounds().Min, draw.Src)
}

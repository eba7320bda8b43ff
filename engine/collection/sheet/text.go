package sheet

import (
	"image"
	"sort"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

var goFont = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(goregular.TTF) })

// writer draws text. It is for one goroutine.
type writer struct {
	onto         *image.RGBA
	large, small font.Face
}

func newWriter(onto *image.RGBA) (*writer, error) {
	f, err := goFont()
	if err != nil {
		return nil, err
	}
	w := &writer{onto: onto}
	const pixels = 72 // of an inch, so that a point is a pixel
	if w.large, err = opentype.NewFace(f, &opentype.FaceOptions{Size: 20, DPI: pixels, Hinting: font.HintingFull}); err != nil {
		return nil, err
	}
	w.small, err = opentype.NewFace(f, &opentype.FaceOptions{Size: 12, DPI: pixels, Hinting: font.HintingFull})
	return w, err
}

func (w *writer) close() {
	_ = w.large.Close() // which never fails
	_ = w.small.Close()
}

// write draws a line of text that begins at the point, on its base line. What is wider than width loses its end, or with fromEnd its
// beginning, for an ellipsis.
func (w *writer) write(face font.Face, colour *image.Uniform, text string, at image.Point, width int, fromEnd bool) {
	d := font.Drawer{Dst: w.onto, Src: colour, Face: face, Dot: fixed.P(at.X, at.Y)}
	d.DrawString(fitted(face, text, width, fromEnd))
}

// longestText bounds the letters of a line that are looked at; none is so narrow that more could fit on the widest board.
const longestText = 2000

// fitted is the text, or the part of it that fits into width with an ellipsis.
func fitted(face font.Face, text string, width int, fromEnd bool) string {
	if len(text) <= longestText && font.MeasureString(face, text).Ceil() <= width {
		return text
	}
	letters := []rune(text)
	if drop := max(0, len(letters)-longestText); fromEnd {
		letters = letters[drop:]
	} else {
		letters = letters[:len(letters)-drop]
	}
	part := func(n int) string {
		if fromEnd {
			return "…" + string(letters[len(letters)-n:])
		}
		return string(letters[:n]) + "…"
	}
	over := sort.Search(len(letters), func(n int) bool { return font.MeasureString(face, part(n)).Ceil() > width })
	return part(max(0, over-1))
}

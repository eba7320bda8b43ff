// Package inline shows pictures between the lines of a terminal.
package inline

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/ansi/iterm2"
	"github.com/charmbracelet/x/ansi/kitty"
	"github.com/charmbracelet/x/ansi/sixel"
	"golang.org/x/image/draw"
)

// Protocol is how a terminal is given a picture.
type Protocol string

// The protocols. None shows nothing.
const (
	None   Protocol = "none"
	Kitty  Protocol = "kitty"  // the graphics protocol of kitty, also of Ghostty
	ITerm2 Protocol = "iterm2" // that of iTerm2, also of WezTerm
	Sixel  Protocol = "sixel"  // of DEC's terminals, many others today
	Blocks Protocol = "blocks" // half blocks in 24-bit colours: two pixels a character, in any terminal
)

// Protocols are all protocols by name.
var Protocols = []Protocol{None, Kitty, ITerm2, Sixel, Blocks}

// CellWidth and CellHeight are the pixels that a character cell is taken to have where only pixels can be said.
const (
	CellWidth  = 10
	CellHeight = 20
)

// Write shows im in a box of at most that many columns and rows, from the cursor's place, and ends the line below it.
func (p Protocol) Write(w io.Writer, im image.Image, columns, rows int) error {
	cols, lines := box(im.Bounds().Size(), columns, rows)
	switch p {
	case Kitty:
		var b bytes.Buffer
		o := &kitty.Options{
			Action: kitty.TransmitAndPut, Transmission: kitty.Direct, Format: kitty.PNG, Chunk: true, Columns: cols, Rows: lines, Quiet: 2,
		}
		if err := kitty.EncodeGraphics(&b, im, o); err != nil {
			return err
		}
		return text(w, b.String()+"\n")
	case ITerm2:
		var b bytes.Buffer
		if err := png.Encode(&b, im); err != nil {
			return err
		}
		content := []byte(base64.StdEncoding.EncodeToString(b.Bytes()))
		file := iterm2.File{Inline: true, Width: iterm2.Cells(cols), Height: iterm2.Cells(lines), Size: int64(b.Len()), Content: content}
		return text(w, ansi.ITerm2(file)+"\n")
	case Sixel:
		var b bytes.Buffer
		if err := (&sixel.Encoder{}).Encode(&b, scaled(im, cols*CellWidth, lines*CellHeight)); err != nil {
			return err
		}
		return text(w, ansi.SixelGraphics(0, 1, 0, b.Bytes())+"\n")
	case Blocks:
		return text(w, blocks(scaled(im, cols, 2*lines)))
	}
	return nil
}

func text(w io.Writer, s string) error {
	_, err := io.WriteString(w, s)
	return err
}

// box is the largest box of cells with the shape of a picture of that size; a cell is twice as high as wide.
func box(size image.Point, columns, rows int) (cols, lines int) {
	cols, lines = columns, (size.Y*columns+size.X)/(2*size.X)
	if lines > rows {
		cols, lines = (2*size.X*rows+size.Y/2)/size.Y, rows
	}
	return min(max(cols, 1), columns), min(max(lines, 1), rows)
}

func scaled(im image.Image, w, h int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(out, out.Bounds(), im, im.Bounds(), draw.Src, nil)
	return out
}

// blocks is the picture as lines of upper half blocks: the foreground is the upper pixel, the background the lower.
func blocks(im *image.RGBA) string {
	var b strings.Builder
	for y := 0; y+1 < im.Rect.Dy(); y += 2 {
		var last [2]color.RGBA
		for x := range im.Rect.Dx() {
			pair := [2]color.RGBA{im.RGBAAt(x, y), im.RGBAAt(x, y+1)}
			if x == 0 || pair != last {
				up, low := pair[0], pair[1]
				fmt.Fprintf(&b, "\x1b[38;2;%d;%d;%d;48;2;%d;%d;%dm", up.R, up.G, up.B, low.R, low.G, low.B)
				last = pair
			}
			b.WriteString("▀")
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String()
}

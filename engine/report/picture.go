package report

import (
	"encoding/base64"
	"html/template"
)

// Picture is a JPEG file with text. Width and Height are in its pixels, as are the places of Marks and Labels.
type Picture struct {
	Title         string // above it
	About         string // the picture in words, for those who do not see it
	Note          string // below it
	JPEG          []byte
	Width, Height int
	Marks         []Mark
	Labels        []Label
	Indent        int // room at the left for labels
}

// Mark is a frame around a part of a picture: whole with a tick where Right, else broken with a cross, so that colours are not needed.
type Mark struct {
	X, Y, Width, Height int
	Right               bool
}

// Label is a word beside a part of a picture; X may be negative, down to -Indent, and Y is its base line.
type Label struct {
	X, Y int
	Text string
}

// Album is pictures and charts under a heading.
type Album struct {
	Title    string
	Text     []string // sentences below the heading
	Charts   []Chart
	Pictures []Picture
	Size     Size
}

// Size is how wide the pictures of an album are: "" for two beside each other.
type Size string

// Small is four pictures beside each other, Whole is one as wide as the page.
const (
	Small Size = "small"
	Whole Size = "whole"
)

// URL is the picture as a data URL.
func (p *Picture) URL() template.URL {
	return template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(p.JPEG)) // of bytes that this program has made
}

// Left is the left end of the picture with its indent.
func (p *Picture) Left() int { return -p.Indent }

// Span is its width with the indent.
func (p *Picture) Span() int { return p.Width + p.Indent }

// Corner is where the tick or cross of a mark is drawn: the middle of a disc inside its lower right corner.
func (m Mark) Corner() [2]int { return [2]int{m.X + m.Width - 9, m.Y + m.Height - 9} }

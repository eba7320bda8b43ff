// Package pnmfile reads the portable bitmaps, graymaps and pixmaps of Netpbm (PBM, PGM, PPM: P1 to P6), plain and raw, with any
// maximum up to 65535, with Pillow's pixels. The bytes are not trusted: all reading stays within them.
package pnmfile

import (
	"bytes"
	"errors"
	"fmt"
	"image"

	"udml-gpu/engine/data/picture/unread"
)

// Is tells whether b starts like a file of Netpbm. That includes PAM and PFM, which Config refuses by name.
func Is(b []byte) bool {
	return len(b) > 2 && b[0] == 'P' && bytes.IndexByte([]byte("1234567Ff"), b[1]) >= 0 && isSpace(b[2])
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

var errShort = errors.New("the file breaks off before the end of the image")

// header is the part before the pixels.
type header struct {
	kind          byte // '1' to '6'
	width, height int
	most          int    // the value of white; 1 for bitmaps, whose 1 is black
	pixels        []byte // what follows the header
}

// plain tells whether values are written as decimal numbers.
func (h *header) plain() bool { return h.kind <= '3' }

func (h *header) bitmap() bool { return h.kind == '1' || h.kind == '4' }

func (h *header) channels() int {
	if h.kind == '3' || h.kind == '6' {
		return 3
	}
	return 1
}

// Config reads the size.
func Config(b []byte) (image.Config, error) {
	h, err := readHeader(b)
	return image.Config{Width: h.width, Height: h.height}, err
}

func readHeader(b []byte) (h header, err error) {
	if !Is(b) {
		return h, errors.New("it does not start as P1 to P6")
	}
	switch h.kind = b[1]; h.kind {
	case '7':
		return h, &unread.Error{Format: "PNM", What: "the header of PAM (P7)"}
	case 'F', 'f':
		return h, &unread.Error{Format: "PNM", What: "floating point (PFM)"}
	}
	b = b[3:]
	if h.width, b, err = number(b); err != nil {
		return h, err
	}
	if h.height, b, err = number(b); err != nil {
		return h, err
	}
	h.most = 1
	if !h.bitmap() {
		if h.most, b, err = number(b); err != nil {
			return h, err
		}
		if h.most < 1 || h.most > 65535 {
			return h, fmt.Errorf("its maximum is %d, expected 1 to 65535", h.most)
		}
	}
	h.pixels = b
	return h, nil
}

// longest bounds the digits of a number, as in Pillow.
const longest = 10

// number takes a decimal number and the white space or the end behind it. White space and comments, which go from # to the
// end of the line, may precede it; a comment may also be inside.
func number(b []byte) (n int, rest []byte, err error) {
	digits := 0
	for len(b) > 0 {
		c := b[0]
		b = b[1:]
		switch {
		case c == '#':
			b = afterLine(b)
		case isSpace(c) && digits > 0:
			return n, b, nil
		case isSpace(c):
		case c < '0' || c > '9' || digits == longest:
			return 0, nil, fmt.Errorf("found %q, expected a number of at most %d digits", c, longest)
		default:
			n, digits = 10*n+int(c-'0'), digits+1
		}
	}
	if digits == 0 {
		return 0, nil, errShort
	}
	return n, nil, nil
}

// afterLine is the part after the end of the line.
func afterLine(b []byte) []byte {
	if i := bytes.IndexAny(b, "\r\n"); i >= 0 {
		return b[i+1:]
	}
	return nil
}

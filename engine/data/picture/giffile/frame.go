package giffile

import (
	"compress/lzw"
	"fmt"
	"image"
	"image/color"
	"io"

	"udml-gpu/engine/data/picture/unread"
)

// Decode decodes the first frame to the whole picture. The area around it has the transparent colour, or that of index 0; indices
// beyond the palette are black. The caller has bounded the size given by Config.
func Decode(b []byte) (image.Image, error) {
	h, err := readHeader(b)
	if err != nil {
		return nil, err
	}
	if len(h.codes) == 0 {
		return nil, errShort
	}
	bits := int(h.codes[0])
	if bits < 2 || bits > 8 {
		return nil, &unread.Error{Format: "GIF", What: fmt.Sprintf("codes for pixels of %d bits", bits)}
	}
	im := image.NewPaletted(image.Rectangle{Max: h.size}, h.colourTable())
	if h.transparent > 0 {
		for i := range im.Pix {
			im.Pix[i] = uint8(h.transparent)
		}
	}
	codes := lzw.NewReader(&blockReader{left: h.codes[1:]}, lzw.LSB, bits)
	for y := range h.rows {
		row := im.Pix[im.PixOffset(h.frame.Min.X, h.frame.Min.Y+y):][:h.frame.Dx()]
		if _, err := io.ReadFull(codes, row); err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil, errShort
		} else if err != nil {
			return nil, err
		}
	}
	return im, nil
}

// rows yields the rows of the frame in the order of the file. Interlaced, that is every eighth, those between, every second of
// the rest, and the rest.
func (h *header) rows(yield func(y int) bool) {
	passes := []struct{ start, step int }{{0, 1}}
	if h.interlaced {
		passes = []struct{ start, step int }{{0, 8}, {4, 8}, {2, 4}, {1, 2}}
	}
	for _, p := range passes {
		for y := p.start; y < h.frame.Dy(); y += p.step {
			if !yield(y) {
				return
			}
		}
	}
}

func (h *header) colourTable() color.Palette {
	table := make(color.Palette, 256)
	for i := range table {
		switch {
		case h.palette == nil:
			table[i] = color.RGBA{uint8(i), uint8(i), uint8(i), 255}
		case len(h.palette) < 3*i+3:
			table[i] = color.RGBA{A: 255}
		default:
			table[i] = color.RGBA{h.palette[3*i], h.palette[3*i+1], h.palette[3*i+2], 255}
		}
	}
	return table
}

// blockReader reads the content of a series of blocks.
type blockReader struct {
	block, left []byte
}

// Read reads from one block.
func (r *blockReader) Read(p []byte) (int, error) {
	if len(r.block) == 0 {
		if r.block, r.left = takeBlock(r.left); len(r.block) == 0 {
			r.left = nil
			return 0, io.EOF
		}
	}
	n := copy(p, r.block)
	r.block = r.block[n:]
	return n, nil
}

// ReadByte makes the decoder of codes work without its own buffer.
func (r *blockReader) ReadByte() (byte, error) {
	var b [1]byte
	_, err := r.Read(b[:])
	return b[0], err
}

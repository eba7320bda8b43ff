package bmpfile

import "image"

// runs decodes run lengths (RLE8 and RLE4). Pixels that the runs skip have index 0. The bitmap may end early, the
// file may not. It differs from Pillow in two ways: Pillow loses its place in literal runs of an odd number of 4-bit pixels,
// and skips rows without pixels.
func (h *header) runs(im *image.Paletted, b []byte) error {
	d := runDecoder{header: h, im: im, file: b, size: h.width * h.height}
	for d.pos < d.size {
		if d.at+2 > len(b) {
			return errShort
		}
		n, v := int(b[d.at]), b[d.at+1]
		d.at += 2
		switch {
		case n > 0:
			d.repeat(n, v)
		case v == 0:
			d.endRow()
		case v == 1:
			return nil
		case v == 2:
			if d.at+2 > len(b) {
				return errShort
			}
			d.move(d.pos + int(b[d.at]) + int(b[d.at+1])*h.width)
			d.at += 2
		default:
			if !d.literal(int(v)) {
				return errShort
			}
		}
	}
	return nil
}

// runDecoder is the position of the decoder in the file and in the image.
type runDecoder struct {
	*header
	im   *image.Paletted
	file []byte // from the first run on
	at   int    // next byte
	pos  int    // next pixel, counted along the rows of the file
	x    int    // pixels of the row so far; the width where the row is full
	size int    // pixels in all
}

// put writes a pixel; those beyond the image are dropped.
func (d *runDecoder) put(v byte) {
	if d.pos < d.size {
		d.im.Pix[d.row(d.pos/d.width)*d.im.Stride+d.pos%d.width] = v
		d.pos++
	}
}

// repeat writes n pixels of one byte, up to the end of the row: with 4 bits, two values in turn.
func (d *runDecoder) repeat(n int, v byte) {
	n = min(n, max(d.width-d.x, 0))
	pair := [2]byte{v, v}
	if d.compression == rle4 {
		pair = [2]byte{v >> 4, v & 15}
	}
	for i := range n {
		d.put(pair[i&1])
	}
	d.x += n
}

// literal writes n pixels stored one by one, in an even number of bytes.
func (d *runDecoder) literal(n int) (whole bool) {
	bytes := n
	if d.compression == rle4 {
		bytes = (n + 1) / 2
	}
	if d.at+bytes > len(d.file) {
		return false
	}
	for i := range n {
		if d.compression == rle4 {
			d.put(d.file[d.at+i/2] >> (4 - 4*(i&1)) & 15)
		} else {
			d.put(d.file[d.at+i])
		}
	}
	d.x += n
	d.at += bytes + bytes&1
	return true
}

// endRow goes to the next row; a row without pixels counts.
func (d *runDecoder) endRow() {
	if rest := d.pos % d.width; rest != 0 {
		d.pos += d.width - rest
	} else if d.x == 0 {
		d.pos += d.width
	}
	d.x = 0
}

func (d *runDecoder) move(to int) {
	d.pos = to
	d.x = to % d.width
}

package pngfile

import "encoding/binary"

// paletted is the colour type of files with a palette.
const paletted = 3

func (p *parts) depth() int { return min(int(p.header[8]), 16) }

func (p *parts) colourType() int { return int(p.header[9]) }

// channels is the number of values of a pixel, by colour type. The decoder refuses invalid types.
var channels = map[int]int{0: 1, 2: 3, paletted: 1, 4: 2, 6: 4}

// passes are the passes of interlaced files: the first pixel of each and the steps between pixels.
var passes = []struct{ x, y, dx, dy int64 }{
	{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2},
}

// pixelBytes is the length of the unpacked pixels: each row has a byte before it.
func (p *parts) pixelBytes() (n int64) {
	w, h := int64(binary.BigEndian.Uint32(p.header[:])), int64(binary.BigEndian.Uint32(p.header[4:]))
	bits := int64(p.depth() * channels[p.colourType()])
	rows := func(w, h int64) int64 {
		if w <= 0 || h <= 0 {
			return 0
		}
		return h * (1 + (w*bits+7)/8)
	}
	if p.header[12] == 0 {
		return rows(w, h)
	}
	for _, pass := range passes {
		n += rows((w-pass.x+pass.dx-1)/pass.dx, (h-pass.y+pass.dy-1)/pass.dy)
	}
	return n
}

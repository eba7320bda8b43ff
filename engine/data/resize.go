package data

import (
	"image"

	"golang.org/x/image/draw"
)

// resizer brings decoded images to size x size, whatever their shape: proportions are not kept, as in the published
// protocols. One goroutine uses one.
type resizer struct {
	size, channels int
	scaled         *image.RGBA64
	scalers        map[image.Point]draw.Scaler
}

// maxScalers bounds the filter tables that are kept; photos of a collection come in few sizes.
const maxScalers = 16

func newResizer(size, channels int) *resizer {
	return &resizer{size: size, channels: channels, scaled: image.NewRGBA64(image.Rect(0, 0, size, size)), scalers: map[image.Point]draw.Scaler{}}
}

// to writes im, an image of Decode, to dst [size,size,channels]. The filter is a triangle as wide as a source or a
// target pixel, whichever is larger, so shrinking does not alias: Pillow's BILINEAR, whose pixels it meets within one
// grey level (Pillow rounds to bytes between rows and columns, this does not).
func (r *resizer) to(dst []uint8, im image.Image) {
	if r.channels == 1 {
		im = grey(im)
	}
	from := im.Bounds().Size()
	if from == image.Pt(r.size, r.size) {
		r.copy(dst, im)
		return
	}
	// A target of 16 bits, because the scaler cuts what it writes to bytes off instead of rounding.
	r.scaler(from).Scale(r.scaled, r.scaled.Rect, im, im.Bounds(), draw.Src, nil)
	for i := range r.size * r.size {
		for c := range r.channels {
			p := r.scaled.Pix[8*i+2*c:]
			dst[i*r.channels+c] = uint8((uint32(p[0])<<8 + uint32(p[1]) + 128) / 257)
		}
	}
}

func (r *resizer) scaler(from image.Point) draw.Scaler {
	s := r.scalers[from]
	if s == nil {
		if len(r.scalers) == maxScalers {
			clear(r.scalers)
		}
		s = draw.BiLinear.NewScaler(r.size, r.size, from.X, from.Y)
		r.scalers[from] = s
	}
	return s
}

// copy takes an image that has the size already.
func (r *resizer) copy(dst []uint8, im image.Image) {
	switch im := im.(type) {
	case *image.Gray:
		for i := range r.size * r.size {
			v := im.Pix[i/r.size*im.Stride+i%r.size]
			for c := range r.channels {
				dst[i*r.channels+c] = v
			}
		}
	case *image.RGBA:
		for i := range r.size * r.size {
			copy(dst[3*i:3*i+3], im.Pix[i/r.size*im.Stride+i%r.size*4:])
		}
	}
}

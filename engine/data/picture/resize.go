package picture

import (
	"image"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels/augment"
)

// Resizer brings decoded images to size x size. One goroutine uses one.
type Resizer struct {
	size, channels int
	shorter        bool // scales the shorter side to size and keeps the middle, instead of both sides whatever the proportions
	kind           interpolation
	between        []uint8 // rows of the source at the target's width
	filters        map[lengths]*filter
}

// lengths are those of a side before and after.
type lengths struct{ from, to int }

// maxFilters bounds the tables that are kept; photos of a collection come in few sizes.
const maxFilters = 16

// NewResizer makes images as o, which is checked, says.
func NewResizer(o Target) *Resizer {
	return &Resizer{
		size:     o.Size,
		channels: o.Channels,
		shorter:  o.ResizeMode == "shorter",
		kind:     o.interpolation(),
		filters:  map[lengths]*filter{},
	}
}

// To writes im, an image of Decode, to dst [size,size,channels]. The pixels are those of Pillow's resize to the bit: rows
// first, rounded to bytes, then columns. A resizer that keeps more than bytes between the two differs by one grey level
// in every fifth pixel, which alone takes SqueezeNet's features down to cosine 0.9994. Only pixels that the square shows
// are read and made.
func (r *Resizer) To(dst []uint8, im image.Image) {
	from := im.Bounds().Size()
	to := r.target(from)
	across, down := r.filter(from.X, to.X), r.filter(from.Y, to.Y)
	im = part(im, image.Rect(across.low, down.low, across.high, down.high))
	if r.channels == 1 {
		im = grey(im)
	}
	var pix []uint8
	var stride, step int
	switch im := im.(type) {
	case *image.Gray:
		pix, stride, step = im.Pix, im.Stride, 1
	case *image.RGBA:
		pix, stride, step = im.Pix, im.Stride, 4
	}
	if n := (down.high - down.low) * r.size * r.channels; cap(r.between) < n {
		r.between = make([]uint8, n)
	}
	if vector.Available() {
		r.inC(dst, pix, stride, step, across, down)
	} else {
		r.inGo(dst, pix, stride, step, across, down)
	}
}

// target is the size that an image is scaled to, of which the square in the middle is kept. The longer side is rounded
// down, as torchvision's Resize does.
func (r *Resizer) target(from image.Point) image.Point {
	to := image.Pt(r.size, r.size)
	switch {
	case r.shorter && from.X < from.Y:
		to.Y = r.size * from.Y / from.X
	case r.shorter:
		to.X = r.size * from.X / from.Y
	}
	return to
}

// inGo and inC give the same bytes. Both fill r.between [height, size, channels] first, which has room for it, from pixels
// that lie step bytes apart; of grey ones (step 1) every channel gets the same.
func (r *Resizer) inGo(dst, pix []uint8, stride, step int, across, down *filter) {
	wide, height := r.size*r.channels, down.high-down.low
	between := r.between[:height*wide]
	for y := range height {
		across.row(between[y*wide:][:wide], pix[y*stride:], step, r.channels)
	}
	columns(dst, between, down, wide)
}

// inC is several times as fast.
func (r *Resizer) inC(dst, pix []uint8, stride, step int, across, down *filter) {
	wide, height := r.size*r.channels, down.high-down.low
	between := r.between[:height*wide]
	vector.ResizeRows(between, pix, height, across.high-across.low, stride, r.channels, step == 4, across.taps())
	vector.ResizeColumns(dst, between, wide, down.taps())
}

// filter makes the middle of a side: all of it where its length becomes size.
func (r *Resizer) filter(from, to int) *filter {
	at := lengths{from, to}
	f := r.filters[at]
	if f == nil {
		if len(r.filters) == maxFilters {
			clear(r.filters)
		}
		f = r.kind.newFilter(from, to, augment.CentreCorner(to-r.size), r.size)
		r.filters[at] = f
	}
	return f
}

// row makes one row of the target's width with the given channels from pixels that lie step bytes apart.
func (f *filter) row(dst, src []uint8, step, channels int) {
	for x, start := range f.start {
		weights := f.weights[f.offset[x]:f.offset[x+1]]
		for c := range channels {
			sum, at := int32(half), int(start)*step+c%step
			for _, w := range weights {
				sum += w * int32(src[at])
				at += step
			}
			dst[x*channels+c] = clip8(sum >> precision)
		}
	}
}

// columns makes the target's rows, of wide bytes each, from the rows of src.
func columns(dst, src []uint8, f *filter, wide int) {
	sums := make([]int32, wide)
	for y, start := range f.start {
		for i := range sums {
			sums[i] = half
		}
		for k, w := range f.weights[f.offset[y]:f.offset[y+1]] {
			for i, v := range src[(int(start)+k)*wide:][:wide] {
				sums[i] += w * int32(v)
			}
		}
		for i, s := range sums {
			dst[y*wide+i] = clip8(s >> precision)
		}
	}
}

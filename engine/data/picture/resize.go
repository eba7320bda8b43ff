package picture

import (
	"image"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels/augment"
)

// Resizer resizes decoded images to size x size. It must be used by one goroutine at a time.
type Resizer struct {
	size, channels int
	shorter        bool // scales the shorter side to size and keeps the middle; otherwise each side is scaled to size
	floor          bool // the middle's corner is rounded down
	kind           interpolation
	between        []uint8 // rows of the source at the target's width
	filters        map[lengths]*filter
}

// lengths are the lengths of a side before and after resizing.
type lengths struct{ from, to int }

// maxFilters bounds the number of tables kept; photos of a collection have few sizes.
const maxFilters = 16

// NewResizer makes a Resizer for o, which was checked.
func NewResizer(o Target) *Resizer {
	return &Resizer{
		size:     o.Size,
		channels: o.Channels,
		shorter:  o.ResizeMode == shorter || o.ResizeMode == shorterFloor,
		floor:    o.ResizeMode == shorterFloor,
		kind:     o.interpolation(),
		filters:  map[lengths]*filter{},
	}
}

// To writes im, an image from Decode, to dst [size,size,channels]. The pixels equal those of Pillow's resize bit by bit: rows
// first, rounded to bytes, then columns. Without the rounding in between, every fifth pixel differs by one grey level, which
// alone lowers the cosine of SqueezeNet's features to 0.9994. Only pixels inside the square
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

// target is the size that an image is scaled to before its middle square is kept. The longer side is rounded
// down, as in torchvision's Resize.
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

// inGo and inC give the same bytes. Both first fill r.between [height, size, channels], which is large enough, from pixels
// that are step bytes apart; for grey (step 1) every channel gets the same value.
func (r *Resizer) inGo(dst, pix []uint8, stride, step int, across, down *filter) {
	wide, height := r.size*r.channels, down.high-down.low
	between := r.between[:height*wide]
	for y := range height {
		across.row(between[y*wide:][:wide], pix[y*stride:], step, r.channels)
	}
	columns(dst, between, down, wide)
}

// inC is several times as fast as inGo.
func (r *Resizer) inC(dst, pix []uint8, stride, step int, across, down *filter) {
	wide, height := r.size*r.channels, down.high-down.low
	between := r.between[:height*wide]
	vector.ResizeRows(between, pix, height, across.high-across.low, stride, r.channels, step == 4, across.taps())
	vector.ResizeColumns(dst, between, wide, down.taps())
}

// filter makes the filter for the middle part of a side: all of it where the target's length is size.
func (r *Resizer) filter(from, to int) *filter {
	at := lengths{from, to}
	f := r.filters[at]
	if f == nil {
		if len(r.filters) == maxFilters {
			clear(r.filters)
		}
		corner := augment.CentreCorner(to - r.size)
		if r.floor {
			corner = (to - r.size) / 2
		}
		f = r.kind.newFilter(from, to, corner, r.size)
		r.filters[at] = f
	}
	return f
}

// row makes one row of the target's width and channels from pixels that are step bytes apart.
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

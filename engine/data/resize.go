package data

import "image"

// resizer brings decoded images to size x size, whatever their shape: proportions are not kept, as in the published
// protocols. One goroutine uses one.
type resizer struct {
	size, channels int
	between        []uint8 // rows of the source at the target's width
	filters        map[int]*filter
}

// maxFilters bounds the tables that are kept; photos of a collection come in few sizes.
const maxFilters = 16

func newResizer(size, channels int) *resizer {
	return &resizer{size: size, channels: channels, filters: map[int]*filter{}}
}

// to writes im, an image of Decode, to dst [size,size,channels]. The pixels are those of Pillow's resize with BILINEAR,
// to the bit: rows first, rounded to bytes, then columns. A resizer that keeps more than bytes between the two differs
// by one grey level in every fifth pixel, which alone takes SqueezeNet's features down to cosine 0.9994.
func (r *resizer) to(dst []uint8, im image.Image) {
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
	from := im.Bounds().Size()
	r.rows(pix, stride, step, from)
	columns(dst, r.between, r.filter(from.Y), r.size*r.channels)
}

// rows fills r.between [from.Y, size, channels] from pixels that lie step bytes apart; of grey ones (step 1) every
// channel gets the same.
func (r *resizer) rows(pix []uint8, stride, step int, from image.Point) {
	wide := r.size * r.channels
	if n := from.Y * wide; cap(r.between) < n {
		r.between = make([]uint8, n)
	}
	r.between = r.between[:from.Y*wide]
	f := r.filter(from.X)
	for y := range from.Y {
		f.row(r.between[y*wide:][:wide], pix[y*stride:], step, r.channels)
	}
}

func (r *resizer) filter(from int) *filter {
	f := r.filters[from]
	if f == nil {
		if len(r.filters) == maxFilters {
			clear(r.filters)
		}
		f = newFilter(from, r.size)
		r.filters[from] = f
	}
	return f
}

// row makes one row of the target's width with the given channels from pixels that lie step bytes apart.
func (f *filter) row(dst, src []uint8, step, channels int) {
	for x, start := range f.start {
		weights := f.weights[f.offset[x]:f.offset[x+1]]
		for c := range channels {
			sum, at := int32(half), start*step+c%step
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
			for i, v := range src[(start+k)*wide:][:wide] {
				sums[i] += w * int32(v)
			}
		}
		for i, s := range sums {
			dst[y*wide+i] = clip8(s >> precision)
		}
	}
}

package picture

import (
	"encoding/binary"
	"errors"
	"image"
	"math"

	"udml-gpu/cgo/heif"
)

var errPlanes = errors.New("the planes of the image have sizes or bits that do not match")

// fromHEIF converts a picture with that sampling to 8 bits of RGB or of grey.
func fromHEIF(p *heif.Picture, sampling heif.Sampling) (image.Image, error) {
	switch sampling {
	case heif.Together:
		return fromTogether(&p.Planes[0])
	case heif.Luma:
		return fromLuma(p), nil
	}
	return fromPlanes(p)
}

func fromTogether(p *heif.Plane) (image.Image, error) {
	if p.Bits > 8 {
		return nil, errPlanes
	}
	im := image.NewRGBA(image.Rect(0, 0, p.Width, p.Height))
	for y := range p.Height {
		src, dst := p.Pix[y*p.Stride:], im.Pix[y*im.Stride:][:im.Stride]
		for x := range p.Width {
			copy(dst[4*x:4*x+3], src[3*x:])
			dst[4*x+3] = 255
		}
	}
	return im, nil
}

func fromLuma(picture *heif.Picture) image.Image {
	p := &picture.Planes[0]
	im := image.NewGray(image.Rect(0, 0, p.Width, p.Height))
	m := newColourMatrix(picture, p.Bits)
	row := make([]int, p.Width)
	for y := range p.Height {
		readPlane(row, p, y)
		for x, v := range row {
			im.Pix[y*im.Stride+x] = m.level(m.luma * (v - m.black))
		}
	}
	return im
}

// fromPlanes converts luma and chroma; chroma may have half the columns and half the rows.
func fromPlanes(picture *heif.Picture) (image.Image, error) {
	p := &picture.Planes
	w, h := p[0].Width, p[0].Height
	for _, c := range p[1:] {
		if c.Pix == nil || c.Bits != p[0].Bits || c.Width != w && c.Width != (w+1)/2 || c.Height != h && c.Height != (h+1)/2 {
			return nil, errPlanes
		}
	}
	m := newColourMatrix(picture, p[0].Bits)
	im := image.NewRGBA(image.Rect(0, 0, w, h))
	luma, cb, cr := make([]int, w), make([]int, w), make([]int, w)
	blue, red := newUpsampled(&p[1], w, h), newUpsampled(&p[2], w, h)
	for y := range h {
		readPlane(luma, &p[0], y)
		blue.row(cb, y)
		red.row(cr, y)
		dst := im.Pix[y*im.Stride:][:im.Stride]
		for x := range w {
			m.convert(dst[4*x:4*x+4], luma[x], cb[x], cr[x])
		}
	}
	return im, nil
}

// readPlane reads a row of samples.
func readPlane(dst []int, p *heif.Plane, y int) {
	row := p.Pix[y*p.Stride:]
	if p.Bits > 8 {
		for x := range dst {
			dst[x] = int(binary.NativeEndian.Uint16(row[2*x:]))
		}
		return
	}
	for x := range dst {
		dst[x] = int(row[x])
	}
}

// upsampled is a plane that is read in rows of the image's width.
type upsampled struct {
	plane     *heif.Plane
	w, h      int // of the image
	near, far []int
}

func newUpsampled(p *heif.Plane, w, h int) *upsampled {
	return &upsampled{p, w, h, make([]int, p.Width), make([]int, p.Width)}
}

// row writes row y of the image: 9/16, 3/16, 3/16 and 1/16 of the four nearest samples where the plane has half the columns and
// half the rows, as in libavif and libheif; 3/4 and 1/4 where only one is halved.
func (u *upsampled) row(dst []int, y int) {
	if u.plane.Height == u.h && u.h > 1 || u.h == 1 {
		readPlane(u.near, u.plane, y)
		copy(u.far, u.near)
	} else {
		readPlane(u.near, u.plane, y/2)
		readPlane(u.far, u.plane, min(max(y/2-1+2*(y&1), 0), u.plane.Height-1))
	}
	if u.plane.Width == u.w {
		for x := range dst {
			dst[x] = (3*u.near[x] + u.far[x] + 2) >> 2
		}
		return
	}
	last := u.plane.Width - 1
	for x := range dst {
		at := x / 2
		next := min(max(at-1+2*(x&1), 0), last)
		if x == u.w-1 {
			next = at // libyuv's rule at the edge
		}
		dst[x] = (9*u.near[at] + 3*u.near[next] + 3*u.far[at] + u.far[next] + 8) >> 4
	}
}

// colourMatrix converts the samples of a pixel, in fixed point of matrixBits.
type colourMatrix struct {
	black, middle               int // the sample values of black and of neutral chroma
	luma                        int
	redOfCr, greenOfCb          int
	greenOfCr, blueOfCb, chroma int
	identity, greenDifference   bool // samples are green, blue and red; luma, green and orange
}

const matrixBits = 16

// lumaWeights are the shares of red and of blue in luma for those matrices of ISO 23091-2 that have them. For others, BT.601's
// are used, which also apply to files without a description.
var lumaWeights = map[int][2]float64{1: {0.2126, 0.0722}, 4: {0.30, 0.11}, 7: {0.212, 0.087}, 9: {0.2627, 0.0593}, 10: {0.2627, 0.0593}}

func newColourMatrix(p *heif.Picture, bits int) *colourMatrix {
	peak := float64(int(1)<<bits - 1)
	m := &colourMatrix{middle: 1 << (bits - 1)}
	lumaRange, chromaRange := peak, peak
	if !p.Full {
		m.black = 16 << bits >> 8
		lumaRange, chromaRange = float64(int(219)<<bits>>8), float64(int(224)<<bits>>8)
	}
	red, blue := 0.299, 0.114
	if w, is := lumaWeights[p.Matrix]; is {
		red, blue = w[0], w[1]
	}
	green := 1 - red - blue
	fixed := func(v float64) int { return int(math.Round(v * 255 * (1 << matrixBits))) }
	m.luma, m.chroma = fixed(1/lumaRange), fixed(1/chromaRange)
	m.redOfCr, m.blueOfCb = fixed(2*(1-red)/chromaRange), fixed(2*(1-blue)/chromaRange)
	m.greenOfCr, m.greenOfCb = fixed(2*red*(1-red)/green/chromaRange), fixed(2*blue*(1-blue)/green/chromaRange)
	m.identity = p.Matrix == 0
	m.greenDifference = p.Matrix == 8
	return m
}

// level converts a number in fixed point to 8 bits.
func (m *colourMatrix) level(v int) uint8 {
	return uint8(min(max((v+1<<(matrixBits-1))>>matrixBits, 0), 255))
}

// convert writes red, green, blue and alpha from the samples of a pixel.
func (m *colourMatrix) convert(dst []uint8, first, second, third int) {
	y, cb, cr := m.luma*(first-m.black), second-m.middle, third-m.middle
	switch {
	case m.identity:
		dst[0], dst[1], dst[2] = m.level(m.luma*(third-m.black)), m.level(y), m.level(m.luma*(second-m.black))
	case m.greenDifference:
		rest := y - m.chroma*cb
		dst[0], dst[1], dst[2] = m.level(rest+m.chroma*cr), m.level(y+m.chroma*cb), m.level(rest-m.chroma*cr)
	default:
		dst[0], dst[1], dst[2] = m.level(y+m.redOfCr*cr), m.level(y-m.greenOfCb*cb-m.greenOfCr*cr), m.level(y+m.blueOfCb*cb)
	}
	dst[3] = 255
}

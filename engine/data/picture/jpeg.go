package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"

	"udml-gpu/cgo/turbojpeg"
	"udml-gpu/engine/data/picture/jpegfile"
	"udml-gpu/engine/data/picture/unread"
)

// maxScans bounds the passes over an image that a progressive file may demand. Encoders write about ten; each takes
// as long as the whole image, even if it holds hardly a byte.
const maxScans = 100

// jpegConfig reads the size. The decoders check the rest of the header.
func jpegConfig(b []byte) (image.Config, error) {
	f := jpegfile.FrameOf(b)
	if f.Components == 0 {
		return image.Config{}, errors.New("it has no frame header")
	}
	return image.Config{Width: f.Width, Height: f.Height}, nil
}

// decodeJPEG decodes with libjpeg's pixels: by libjpeg-turbo if it is installed, otherwise by Go.
func decodeJPEG(b []byte) (image.Image, error) {
	if im := decodeTurbo(b); im != nil {
		return im, nil
	}
	o := jpegfile.OutlineOf(b)
	if o.Scans > maxScans {
		return nil, fmt.Errorf("the file has %d scans, the limit is %d", o.Scans, maxScans)
	}
	im, repair := repairTurbo(b, o)
	if repair == nil {
		return im, nil
	}
	im, err := decodeJPEGInGo(b)
	if err == nil {
		return im, nil
	}
	return nil, jpegError(o, repair, err)
}

// jpegError is the error for a file that neither libjpeg-turbo nor Go decodes.
func jpegError(o jpegfile.Outline, repair, err error) error {
	const library = "libjpeg-turbo: apt-get install libturbojpeg0"
	kind := o.Kind()
	var unsupported jpeg.UnsupportedError
	switch {
	case kind != "" && kind != jpegfile.ArithmeticCoding:
		return &unread.Error{Format: "JPEG", What: kind}
	case kind != "" && !turbojpeg.Available():
		return &unread.Error{Format: "JPEG", What: kind, Needs: library}
	case turbojpeg.Available():
		return repair
	case errors.As(err, &unsupported):
		return &unread.Error{Format: "JPEG", What: string(unsupported), Needs: library}
	case errors.Is(repair, errTruncated):
		return repair
	}
	return fmt.Errorf("%w (reading as much of it as Pillow does needs %s)", err, library)
}

// decodeJPEGInGo decodes as libjpeg does by default, up to the rounding of the inverse cosine transform (off by one):
// subsampled chroma is smoothed by a triangle filter. Go's own conversion repeats it, which changes the features of
// a pretrained network visibly.
func decodeJPEGInGo(b []byte) (image.Image, error) {
	im, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	if planes, ok := im.(*image.YCbCr); ok {
		return fromYCbCr(planes), nil
	}
	return opaque(im), nil
}

// fromYCbCr converts the planes of a JPEG to RGB with libjpeg's integers (jdcolor.c: 16 fractional bits, rounded).
func fromYCbCr(im *image.YCbCr) image.Image {
	w, h := im.Rect.Dx(), im.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	cb, cr := newChroma(im, im.Cb), newChroma(im, im.Cr)
	cbRow, crRow := make([]uint8, w+8), make([]uint8, w+8)
	for y := range h {
		cb.row(cbRow, y)
		cr.row(crRow, y)
		luma, dst := im.Y[y*im.YStride:][:w], out.Pix[y*out.Stride:]
		for x, v := range luma {
			l, b, r := int32(v), int32(cbRow[x])-128, int32(crRow[x])-128
			p := dst[4*x : 4*x+4]
			p[0] = clip8(l + (91881*r+1<<15)>>16)
			p[1] = clip8(l + (-22554*b-46802*r+1<<15)>>16)
			p[2] = clip8(l + (116130*b+1<<15)>>16)
			p[3] = 255
		}
	}
	return out
}

// chroma is a subsampled plane that is read in rows of full width.
type chroma struct {
	plane        []uint8
	stride, w, h int
	fx, fy       int     // image columns and rows covered by one sample
	sums         []int32 // work row
}

// factors are the columns and rows covered by a chroma sample, for each ratio.
var factors = map[image.YCbCrSubsampleRatio][2]int{
	image.YCbCrSubsampleRatio444: {1, 1}, image.YCbCrSubsampleRatio422: {2, 1}, image.YCbCrSubsampleRatio420: {2, 2},
	image.YCbCrSubsampleRatio440: {1, 2}, image.YCbCrSubsampleRatio411: {4, 1}, image.YCbCrSubsampleRatio410: {4, 2},
}

func newChroma(im *image.YCbCr, plane []uint8) *chroma {
	f := factors[im.SubsampleRatio]
	c := &chroma{plane: plane, stride: im.CStride, fx: f[0], fy: f[1]}
	c.w, c.h = (im.Rect.Dx()+c.fx-1)/c.fx, (im.Rect.Dy()+c.fy-1)/c.fy
	c.sums = make([]int32, c.w)
	return c
}

// row writes the samples of image row y to dst, which has room for a few more than the image's width. The choice of filter is
// libjpeg-turbo's (jdsample.c): the triangle filter for factors of two, except where the plane has at most two columns;
// repetition for other ratios.
func (c *chroma) row(dst []uint8, y int) {
	near := c.plane[y/c.fy*c.stride:][:c.w]
	switch {
	case c.fx == 2 && c.fy == 1 && c.w > 2:
		widen(dst, near)
	case c.fx == 2 && c.fy == 2 && c.w > 2:
		c.smooth(dst, near, c.neighbour(y))
	case c.fx == 1 && c.fy == 2:
		far, bias := c.neighbour(y), uint32(1+y&1)
		for x, v := range near {
			dst[x] = uint8((3*uint32(v) + uint32(far[x]) + bias) >> 2)
		}
	default:
		for x := range min(c.w*c.fx, len(dst)) {
			dst[x] = near[x/c.fx]
		}
	}
}

// neighbour is the adjacent chroma row: above an even image row, below an odd one; the edge rows are repeated.
func (c *chroma) neighbour(y int) []uint8 {
	next := y/2 - 1 + 2*(y&1)
	next = min(max(next, 0), c.h-1)
	return c.plane[next*c.stride:][:c.w]
}

// widen doubles a row: each output is 3/4 of the nearer sample and 1/4 of the next one (h2v1_fancy_upsample). Like
// libjpeg, it alternates the direction of rounding, so that errors do not add up.
func widen(dst, in []uint8) {
	last := len(in) - 1
	for x, v := range in {
		left, right := uint32(in[max(x-1, 0)]), uint32(in[min(x+1, last)])
		dst[2*x] = uint8((3*uint32(v) + left + 1) >> 2)
		dst[2*x+1] = uint8((3*uint32(v) + right + 2) >> 2)
	}
}

// smooth doubles a row in both directions: 9/16, 3/16, 3/16 and 1/16 of the four nearest samples (h2v2_fancy_upsample).
func (c *chroma) smooth(dst, near, far []uint8) {
	for x, v := range near {
		c.sums[x] = 3*int32(v) + int32(far[x])
	}
	last := len(near) - 1
	for x, v := range c.sums {
		left, right := c.sums[max(x-1, 0)], c.sums[min(x+1, last)]
		dst[2*x] = uint8((3*v + left + 8) >> 4)
		dst[2*x+1] = uint8((3*v + right + 7) >> 4)
	}
}

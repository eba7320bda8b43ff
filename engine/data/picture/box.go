package picture

import (
	"fmt"
	"image"
	"math"
)

// Box is a part of an image in pixels of the upright image: its upper left corner, width and height. The zero Box is
// the whole image.
type Box struct{ X, Y, W, H float64 }

// Check is an error for invalid numbers. The comparisons are written so that a NaN fails.
func (b Box) Check() error {
	inside := func(v float64) bool { return v >= -maxSide && v <= maxSide }
	if !inside(b.X) || !inside(b.Y) || !inside(b.W) || !inside(b.H) || !(b.W > 0 && b.H > 0) {
		return fmt.Errorf("the box x=%g y=%g w=%g h=%g is not valid: expected pixels, with a width and height above 0", b.X, b.Y, b.W, b.H)
	}
	return nil
}

// Crop is the box of im, and shares im's memory: every pixel that the box touches, cut at the image's border. im is
// an image from Decode. A box outside the image is an error.
func (b Box) Crop(im image.Image) (image.Image, error) {
	if b == (Box{}) {
		return im, nil
	}
	r := image.Rect(int(math.Floor(b.X)), int(math.Floor(b.Y)), int(math.Ceil(b.X+b.W)), int(math.Ceil(b.Y+b.H)))
	r = r.Intersect(im.Bounds())
	if r.Empty() {
		return nil, fmt.Errorf("the box x=%g y=%g w=%g h=%g lies outside the image of %dx%d pixels",
			b.X, b.Y, b.W, b.H, im.Bounds().Dx(), im.Bounds().Dy())
	}
	return part(im, r), nil
}

// part is r of im, an image from Decode, whose memory it shares. r lies in the image and is not empty.
func part(im image.Image, r image.Rectangle) image.Image {
	at := image.Rect(0, 0, r.Dx(), r.Dy()) // decoded images start at (0, 0)
	switch im := im.(type) {
	case *image.Gray:
		return &image.Gray{Pix: im.Pix[im.PixOffset(r.Min.X, r.Min.Y):], Stride: im.Stride, Rect: at}
	case *image.RGBA:
		return &image.RGBA{Pix: im.Pix[im.PixOffset(r.Min.X, r.Min.Y):], Stride: im.Stride, Rect: at}
	}
	panic("picture: part takes images from Decode")
}

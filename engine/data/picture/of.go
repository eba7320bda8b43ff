package picture

import (
	"image"
	"slices"
)

// Of converts im to the form of Decode: *image.Gray or opaque *image.RGBA with its bounds at (0, 0) and the same colours. im itself is
// not changed. Images without pixels, or with more than maxPixels (0: DefaultMaxPixels), are refused.
func Of(im image.Image, maxPixels int64) (image.Image, error) {
	size := im.Bounds().Size()
	if err := checkSize(size.X, size.Y, orDefault(maxPixels)); err != nil {
		return nil, err
	}
	switch own := im.(type) { // opaque changes these in place
	case *image.NRGBA:
		im = &image.NRGBA{Pix: slices.Clone(own.Pix), Stride: own.Stride, Rect: own.Rect}
	case *image.CMYK:
		im = &image.CMYK{Pix: slices.Clone(own.Pix), Stride: own.Stride, Rect: own.Rect}
	}
	return opaque(im), nil
}

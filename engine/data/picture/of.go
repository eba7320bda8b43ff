package picture

import (
	"image"
	"slices"
)

// Of is im as Decode gives an image: *image.Gray or opaque *image.RGBA with its bounds at (0, 0) and the same colours. im itself is not
// changed. Images of more than maxPixels pixels (0: DefaultMaxPixels), or of none, are refused.
func Of(im image.Image, maxPixels int64) (image.Image, error) {
	size := im.Bounds().Size()
	if err := checkSize(size.X, size.Y, orDefault(maxPixels)); err != nil {
		return nil, err
	}
	switch own := im.(type) { // those that opaque writes to
	case *image.NRGBA:
		im = &image.NRGBA{Pix: slices.Clone(own.Pix), Stride: own.Stride, Rect: own.Rect}
	case *image.CMYK:
		im = &image.CMYK{Pix: slices.Clone(own.Pix), Stride: own.Stride, Rect: own.Rect}
	}
	return opaque(im), nil
}

// Package picture decodes image files, turns them upright, crops them to boxes and resizes them.
package picture

import (
	"cmp"
	"context"
	"fmt"
	"image"

	"golang.org/x/sync/semaphore"
)

// DefaultMaxPixels bounds width times height of an image by default: about the size that Pillow considers an attack.
// Larger images are refused by their header, before memory is allocated for pixels.
const DefaultMaxPixels = 179_000_000

// maxSide bounds each side, at the largest value of JPEG's header. It bounds the work memory of resizing, which grows with the
// height only.
const maxSide = 1<<16 - 1

// inFlight bounds the images decoded at a time to 100 million pixels together, or to one larger image, so that many workers on
// many large images need little more memory than one on the largest.
var inFlight = semaphore.NewWeighted(inFlightPixels)

const inFlightPixels = 100_000_000

// format is one kind of image file.
type format struct {
	name        string
	is          func(b []byte) bool
	config      func(b []byte) (image.Config, error)
	decode      func(b []byte) (image.Image, error) // to *image.Gray or opaque *image.RGBA
	orientation func(b []byte) int                  // EXIF, 1 to 8
}

// Decode decodes an image file of any supported format (JPEG, PNG, BMP, TIFF, PNM, HEIC, AVIF, the first frame of GIF and WebP,
// the preview in raw files of cameras), recognised by content, and turns it upright by its EXIF orientation. The result is
// *image.Gray for grey images, otherwise *image.RGBA with alpha 255, with its bounds at (0, 0). The colours equal those of Pillow's
// convert("RGB"): alpha is dropped, not blended; 16-bit channels keep their high byte; CMYK is converted without a profile. Only
// 16-bit grey differs, which Pillow clips at 255. Images of more than maxPixels pixels (0: DefaultMaxPixels) are refused. Errors say
// what is wrong with the bytes; no input causes a panic.
func Decode(b []byte, maxPixels int64) (im image.Image, err error) {
	f, size, err := header(b, maxPixels)
	if err != nil {
		return nil, err
	}
	// The decoders of golang.org/x/image panic on some damaged files, and one file must not end a run.
	defer func() {
		if p := recover(); p != nil {
			im, err = nil, fmt.Errorf("%s cannot be decoded: %v", f.name, p)
		}
	}()
	pixels := min(int64(size.X)*int64(size.Y), inFlightPixels)
	if err := inFlight.Acquire(context.Background(), pixels); err != nil {
		return nil, err
	}
	defer inFlight.Release(pixels)
	if im, err = f.decode(b); err != nil {
		return nil, f.fault("cannot be decoded", err)
	}
	return upright(im, f.orientation(b)), nil
}

// header recognises the format and reads the size. It refuses images that are too large.
func header(b []byte, maxPixels int64) (f *format, size image.Point, err error) {
	if len(b) == 0 {
		return nil, size, fmt.Errorf("the file is empty")
	}
	if f = formatOf(b); f == nil {
		return nil, size, fmt.Errorf("the content is not an image: expected JPEG, PNG, GIF, BMP, TIFF, WebP, HEIC, AVIF, PNM or camera raw")
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s has a damaged header: %v", f.name, p)
		}
	}()
	c, err := f.config(b)
	if err != nil {
		return nil, size, f.fault("has a damaged header", err)
	}
	return f, image.Pt(c.Width, c.Height), checkSize(c.Width, c.Height, orDefault(maxPixels))
}

// Size is the width and height in the header of an image file, before its orientation turns it. Errors are those of Decode that the
// header alone shows.
func Size(b []byte, maxPixels int64) (image.Point, error) {
	_, size, err := header(b, maxPixels)
	return size, err
}

// Kind is the name of the format of an image file, such as JPEG; "" where it is none.
func Kind(b []byte) string {
	if f := formatOf(b); f != nil {
		return f.name
	}
	return ""
}

// formatOf is the format of an image file; nil where it is none.
func formatOf(b []byte) *format {
	for i := len(formats) - 1; i >= 0; i-- {
		if formats[i].is(b) {
			return &formats[i]
		}
	}
	return nil
}

func orDefault(maxPixels int64) int64 { return cmp.Or(maxPixels, DefaultMaxPixels) }

// checkSize refuses images without pixels and those beyond the limits.
func checkSize(w, h int, maxPixels int64) error {
	switch {
	case w < 1 || h < 1:
		return fmt.Errorf("the image has %dx%d pixels", w, h)
	case w > maxSide || h > maxSide:
		return fmt.Errorf("the image has %dx%d pixels, the limit is %d a side", w, h, maxSide)
	case int64(w)*int64(h) > maxPixels:
		return &TooManyPixels{w, h, maxPixels}
	}
	return nil
}

// TooManyPixels is the error of an image with more pixels than are allowed.
type TooManyPixels struct {
	Width, Height int
	Limit         int64
}

// Error gives the size and the limit.
func (e *TooManyPixels) Error() string {
	return fmt.Sprintf("the image has %dx%d pixels, the limit is %d in all (--max-pixels)", e.Width, e.Height, e.Limit)
}

package picture

import (
	"bytes"
	"errors"
	"image"
	"strings"

	"udml-gpu/cgo/turbojpeg"
	"udml-gpu/engine/data/picture/jpegfile"
)

// JPEGDecoder is the name of the decoder of JPEG files: "go", or libjpeg-turbo with its version, such as "libjpeg-turbo 2.1.5". The
// pixels of the two differ by the rounding of the inverse cosine transform.
func JPEGDecoder() string {
	if turbojpeg.Available() {
		return turbojpeg.Name()
	}
	return "go"
}

// JPEGProblem is the reason why libjpeg-turbo is not used; "" when it is.
func JPEGProblem() string { return turbojpeg.Problem() }

// decodeTurbo decodes a plain file with libjpeg-turbo. It returns nil where the library is missing, the file is not
// plain, or the library reports anything about it. Nearly all files are plain, and Go's decoder accepts every plain file
// too, so that whether such a file counts as whole does not depend on the library.
func decodeTurbo(b []byte) image.Image {
	if !turbojpeg.Available() {
		return nil
	}
	f, plain := jpegfile.Plain(b)
	if !plain {
		return nil
	}
	im, pix, format := canvasFor(f)
	if turbojpeg.Decode(pix, b, f.Width, f.Height, format) != nil {
		return nil
	}
	return im
}

// canvasFor allocates the pixels of a picture of one, three or four components.
func canvasFor(f jpegfile.Frame) (im image.Image, pix []uint8, format turbojpeg.Format) {
	r := image.Rect(0, 0, f.Width, f.Height)
	switch f.Components {
	case 1:
		grey := image.NewGray(r)
		return grey, grey.Pix, turbojpeg.Grey
	case 3:
		colour := image.NewRGBA(r)
		return colour, colour.Pix, turbojpeg.RGBA
	}
	ink := image.NewCMYK(r)
	return ink, ink.Pix, turbojpeg.CMYK
}

// repairTurbo decodes with libjpeg-turbo the files that are not plain: progressive files, arithmetic codes, unusual sampling factors,
// CMYK, and damaged files, of which libjpeg keeps what it can, as it does for Pillow. A file that breaks off is refused: a file of a
// single scan may lack its end marker, but none of its codes, and the library reports missing codes only for Huffman coding.
func repairTurbo(b []byte, o jpegfile.Outline) (image.Image, error) {
	single := o.Scans == 1 && o.Whole && !o.Progressive()
	switch {
	case !o.Ended && !(single && (o.Stopped || o.Process <= 1)):
		return nil, errTruncated
	case !turbojpeg.Available():
		return nil, errors.New(turbojpeg.Problem())
	case o.Components != 1 && o.Components != 3 && o.Components != 4:
		return nil, errors.New(o.Kind())
	case !o.Ended:
		b = append(bytes.Clone(b), 0xff, 0xd9)
	}
	im, pix, format := canvasFor(o.Frame)
	warning, err := turbojpeg.Repair(pix, b, o.Width, o.Height, format)
	if err != nil {
		return nil, err
	}
	if !o.Ended && !o.Stopped && warning != "" && !strings.Contains(warning, "extraneous bytes before marker 0xd9") {
		return nil, errTruncated
	}
	if ink, is := im.(*image.CMYK); is { // Pillow treats all CMYK as inverted, with or without Adobe's marker
		for i := range ink.Pix {
			ink.Pix[i] = ^ink.Pix[i]
		}
		return fromCMYK(ink), nil
	}
	return im, nil
}

var errTruncated = errors.New("the file breaks off before the end of the image")

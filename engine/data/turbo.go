package data

import (
	"image"

	"udml-gpu/cgo/turbojpeg"
	"udml-gpu/engine/data/jpegfile"
)

// JPEGDecoder names what decodes JPEG files: "go", or libjpeg-turbo with its version, such as "libjpeg-turbo 2.1.5". The
// two give pixels that differ by the rounding of the inverse cosine transform.
func JPEGDecoder() string {
	if turbojpeg.Available() {
		return turbojpeg.Name()
	}
	return "go"
}

// JPEGProblem is why libjpeg-turbo is not used, "" when it is.
func JPEGProblem() string { return turbojpeg.Problem() }

// decodeTurbo decodes by libjpeg-turbo, or returns nil where the library is not there or the file is one for Go's decoder:
// a progressive one, an unusual one, one that the library has any word to say about. What it decodes Go's decoder would
// take too, so that which files are damaged does not depend on the library; and C code gets to see nothing but files that
// have been read over, code by code, in Go.
func decodeTurbo(b []byte) image.Image {
	if !turbojpeg.Available() {
		return nil
	}
	f, plain := jpegfile.Plain(b)
	if !plain {
		return nil
	}
	r := image.Rect(0, 0, f.Width, f.Height)
	if f.Components == 1 {
		im := image.NewGray(r)
		return unlessFailed(im, turbojpeg.Decode(im.Pix, b, f.Width, f.Height, true))
	}
	im := image.NewRGBA(r)
	return unlessFailed(im, turbojpeg.Decode(im.Pix, b, f.Width, f.Height, false))
}

func unlessFailed(im image.Image, err error) image.Image {
	if err != nil {
		return nil
	}
	return im
}

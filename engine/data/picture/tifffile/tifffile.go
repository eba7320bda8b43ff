// Package tifffile reads the first image of a TIFF or BigTIFF file, with the pixels that Pillow gives.
//
// The directory, uncompressed pixels and everything after decompression are read here, so that sizes are known and
// bounded before anything is decoded. Compressed strips and tiles are decoded by libtiff if it is installed. Otherwise
// Go's libraries decode what they read correctly (LZW, deflate, PackBits, CCITT group 3 in one dimension
// and group 4), and the rest is an error that names the kind and what to install.
package tifffile

import (
	"fmt"
	"image"
	"image/color"
)

// Config is the size of the first image, as it is stored: not turned by its orientation.
func Config(b []byte) (image.Config, error) {
	l, _, err := read(b)
	if err != nil {
		return image.Config{}, err
	}
	return image.Config{ColorModel: color.RGBAModel, Width: l.width, Height: l.height}, nil
}

// Orientation is the EXIF orientation, 1 to 8; told is whether the file has one. xmp are the XMP data, which may hold another
// orientation, or nil.
func Orientation(b []byte) (v int, xmp []byte, told bool) {
	d, err := readDirectory(b)
	if err != nil {
		return 1, nil, false
	}
	if v = d.one(tagOrientation, 1); v < 1 || v > 8 {
		v = 1
	}
	return v, d.entries[tagXMP].values, d.has(tagOrientation)
}

func read(b []byte) (*layout, *directory, error) {
	d, err := readDirectory(b)
	if err != nil {
		return nil, nil, err
	}
	if d.has(tagWindowsMedia) {
		return nil, nil, notRead("JPEG XR pixels (Windows Media Photo)")
	}
	l, err := d.layout()
	if err != nil {
		return nil, nil, err
	}
	return l, d, l.checkKind()
}

// Decode decodes the first image, whose size the caller has checked by Config. Grey gives *image.Gray, a palette
// *image.Paletted, CMYK *image.CMYK (255 is full ink), other colours *image.NRGBA, whose alpha has no meaning.
// 16-bit and 12-bit samples keep their highest 8 bits. Grey of 32 bits, of signed 16 bits and of floating point numbers is
// clipped to 0 and 255, as in Pillow. Errors are *unread.Error, or say what is damaged.
func Decode(b []byte) (image.Image, error) {
	l, d, err := read(b)
	if err != nil {
		return nil, err
	}
	src, err := open(d, l)
	if err != nil {
		return nil, err
	}
	defer src.close()
	if l.asRGBA() {
		im := image.NewNRGBA(image.Rect(0, 0, l.width, l.height))
		return im, src.rgba(im.Pix)
	}
	c := newCanvas(l, src.order())
	if err := c.fill(src); err != nil {
		return nil, err
	}
	return c.image(d)
}

// asRGBA tells whether libtiff must convert YCbCr, whose chroma may be subsampled. In JPEG files libjpeg has converted it already.
func (l *layout) asRGBA() bool {
	return l.photometric == ycbcrColours && (l.compression != newJPEG || l.separate)
}

// source decodes the chunks of a file.
type source interface {
	// chunk decodes chunk n, of which rows are used, to dst.
	chunk(n, rows int, dst []byte) error
	rgba(dst []byte) error
	order() byteOrder // of the samples in chunks
	close()
}

// open chooses the decoder: this package for uncompressed files, libtiff, or Go's libraries.
func open(d *directory, l *layout) (source, error) {
	if n := l.columns() * l.rows() * l.planes(); n > maxChunks {
		return nil, fmt.Errorf("it has %d strips or tiles, the limit is %d", n, maxChunks)
	}
	stored, err := newStored(d, l)
	if err != nil {
		return nil, err
	}
	if l.compression == noCompression && !l.asRGBA() {
		return stored, nil
	}
	return openCompressed(stored)
}

// maxChunks bounds the calls of a decoder: 1024x1024 tiles for each of two planes, more than images within the limits
// on sizes have with tiles of 16x16.
const maxChunks = 1 << 21

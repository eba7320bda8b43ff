package collection

import (
	"encoding/hex"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/picture"
)

// Item describes an image.
type Item struct {
	Path   string      // inside the data set, with forward slashes: bytes, which need not be UTF-8
	SHA256 string      // of the file, in hex
	Size   int64       // of the file, in bytes
	Mark   int64       // of archive.Stamp: in a folder the time of the last change in ns
	Box    picture.Box // the part of the image that was embedded; zero: all of it
	Width  int32       // of the upright image, in pixels
	Height int32
	Format string // such as JPEG
	Taken  string // time in its EXIF data, as 2006-01-02T15:04:05 without a zone; "": none
	Label  string // class; "": none
	Split  string // of the data set, such as train; "": none
	Look   Look
	Gone   bool // the file was missing at the last embed
}

// Look is what the pixels of an image say without a network, measured on the picture that the network was given.
type Look struct {
	PHash      uint64  // perceptual hash: copies of an image differ in few of its bits
	Brightness float32 // mean of the luma, 0 to 1
	Contrast   float32 // standard deviation of the luma
	Sharpness  float32 // standard deviation of the luma's Laplacian; low in blurred images
	Entropy    float32 // of the luma's histogram of 256 levels, in bits
}

// idBytes is the length of a content id: that two files of a billion share one has a chance below 1e-20.
const idBytes = 16

// ID is the content id: the first half of the SHA-256, in hex. Files with the same bytes have the same.
func (it *Item) ID() string { return it.SHA256[:2*idBytes] }

// Stamp is what the file had when it was embedded.
func (it *Item) Stamp() archive.Stamp { return archive.Stamp{Size: it.Size, Mark: it.Mark} }

// isSHA256 tells whether s is a SHA-256 in hex.
func isSHA256(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32
}

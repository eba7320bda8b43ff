// Package heif is libheif as this project uses it: it decodes the primary image of HEIC and AVIF files. The library is looked
// for when it is first needed: the program links to nothing, and runs without it.
//
// UDML_LIBHEIF names the file to open in place of libheif.so.1, which the system's loader looks for; UDML_NO_LIBHEIF=1 opens
// none. A build without cgo has the same API and finds none.
package heif

import (
	"sync"

	"udml-gpu/cgo/library"
)

// The environment variables that choose the library.
const (
	FileVariable = "UDML_LIBHEIF"    // the file to open
	OffVariable  = "UDML_NO_LIBHEIF" // 1: none
)

var binding = library.Binding{
	Name: "libheif", FileVariable: FileVariable, OffVariable: OffVariable, Files: []string{"libheif.so.1"}, Majors: []int{1}, Bind: bind,
}

// found is the search, made once.
var found = sync.OnceValue(binding.Find)

// Available says whether libheif can be used. The first call looks for it.
func Available() bool { return Problem() == "" }

// Problem is why libheif is not used, "" when it is.
func Problem() string { return found().Problem }

// Name is the library with its version, such as "libheif 1.15.1", "" when it is not used.
func Name() string { return binding.Called(found()) }

// Codec is how the pixels of a file are compressed, by the library's number.
type Codec int

// The codecs of HEIC and of AVIF.
const (
	HEVC Codec = 1
	AV1  Codec = 4
)

// Sampling is how the samples of a picture lie, by the library's number.
type Sampling int

// The samplings that Decode can give.
const (
	Luma     Sampling = 0  // luma alone, of images that have no chroma
	Quarter  Sampling = 1  // 4:2:0: chroma of half the columns and half the rows
	Half     Sampling = 2  // 4:2:2: chroma of half the columns
	Whole    Sampling = 3  // 4:4:4
	Together Sampling = 10 // red, green and blue of 8 bits side by side in the first plane, converted by the library
)

// Plane is one plane of a picture: Height rows of Width samples, each of one byte, or of two in the machine's order where Bits is
// above 8. Pix has Stride bytes a row.
type Plane struct {
	Pix                         []byte
	Stride, Width, Height, Bits int
}

// Picture is a decoded image: luma and chroma, or one plane. It is upright: the library applies the file's own turns.
type Picture struct {
	Planes [3]Plane
	Matrix int  // the meaning of luma and chroma: a matrix of ISO 23091-2
	Full   bool // they use the whole range of samples
}

// Package tiff is libtiff as this project uses it: it decodes the strips and tiles of TIFF files of any compression that the library has.
// The library is looked for when it is first needed: the program links to nothing, and runs without it.
//
// UDML_LIBTIFF names the file to open in place of libtiff.so.6 or libtiff.so.5, which the system's loader looks for;
// UDML_NO_LIBTIFF=1 opens none. A build without cgo has the same API and finds none.
package tiff

import (
	"fmt"
	"sync"

	"udml-gpu/cgo/library"
)

// The environment variables that choose the library.
const (
	FileVariable = "UDML_LIBTIFF"    // the file to open
	OffVariable  = "UDML_NO_LIBTIFF" // 1: none
)

// Major 4 is of 2011 and has 64-bit sizes, which the prototypes are written for.
var binding = library.Binding{
	Name: "libtiff", FileVariable: FileVariable, OffVariable: OffVariable,
	Files: []string{"libtiff.so.6", "libtiff.so.5"}, Majors: []int{4}, Bind: bind,
}

// found is the search, made once.
var found = sync.OnceValue(binding.Find)

// Available says whether libtiff can be used. The first call looks for it.
func Available() bool { return Problem() == "" }

// Problem is why libtiff is not used, "" when it is.
func Problem() string { return found().Problem }

// Name is the library with its version, such as "libtiff 4.5.0", "" when it is not used.
func Name() string { return binding.Called(found()) }

// versionOf reads the text "LIBTIFF, Version 4.5.0\nCopyright (c) ...".
func versionOf(text string) (v library.Version) {
	if n, _ := fmt.Sscanf(text, "LIBTIFF, Version %d.%d.%d", &v[0], &v[1], &v[2]); n < 3 {
		return library.Version{}
	}
	return v
}

// Shape is the layout of a file's first image, as the library reads it.
type Shape struct {
	Width, Height int
	Across, Down  int // pixels of a tile; of a strip the image's width and its rows, which may be more than the image has
	Bits, Samples int
	Separate      bool // each sample has strips or tiles of its own
	Tiled         bool
	ChunkBytes    int64 // of a strip or a tile once decoded
	RowBytes      int64 // of a row of it
}

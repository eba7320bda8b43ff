// Package turbojpeg is libjpeg-turbo, by its TurboJPEG interface, as this project uses it: a decoder of JPEG files that is
// several times as fast as Go's. The library is looked for when it is first needed: the program links to nothing, and runs
// without it.
//
// UDML_LIBTURBOJPEG names the file to open in place of libturbojpeg.so.0, which the system's loader looks for;
// UDML_NO_TURBOJPEG=1 opens none. A build without cgo has the same API and finds none.
package turbojpeg

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"

	"udml-gpu/cgo/library"
)

// The environment variables that choose the library.
const (
	FileVariable = "UDML_LIBTURBOJPEG" // the file to open
	OffVariable  = "UDML_NO_TURBOJPEG" // 1: none
)

// Format is the bytes of a pixel.
type Format int

// The formats of pixels.
const (
	Grey Format = iota // one byte; for files of one component
	RGBA               // with alpha 255; for files of three
	CMYK               // as the file has it, which is inverted ink in nearly all files; for files of four
)

// Depth is the bytes of a pixel.
func (f Format) Depth() int {
	if f == Grey {
		return 1
	}
	return 4
}

// Majors 2 and 3 have the functions of 2.0; version 1 does not stop at a warning.
var binding = library.Binding{
	Name: "libjpeg-turbo", FileVariable: FileVariable, OffVariable: OffVariable,
	Files: []string{"libturbojpeg.so.0"}, Majors: []int{2, 3}, Bind: bind,
}

// found is the search, made once.
var found = sync.OnceValue(binding.Find)

// Available says whether libjpeg-turbo can be used. The first call looks for it.
func Available() bool { return Problem() == "" }

// Problem is why libjpeg-turbo is not used, "" when it is.
func Problem() string { return found().Problem }

// Name is the library with its version, such as "libjpeg-turbo 2.1.5", "" when it is not used.
func Name() string { return binding.Called(found()) }

// maxLibrary bounds how much of the library's file is searched for its version: it is below 1 MiB in all releases.
const maxLibrary = 16 << 20

// versionIn is the version found in the library's file, because no function returns it: zero if it is not found.
func versionIn(file string) library.Version {
	f, err := os.Open(file)
	if err != nil {
		return library.Version{}
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxLibrary))
	if err != nil {
		return library.Version{}
	}
	return versionOf(content)
}

// versionOf looks for the text "libjpeg-turbo version 2.1.5 (build 20230203)".
func versionOf(content []byte) (v library.Version) {
	_, text, _ := bytes.Cut(content, []byte("libjpeg-turbo version "))
	if n, _ := fmt.Sscanf(string(text[:min(len(text), 32)]), "%d.%d.%d", &v[0], &v[1], &v[2]); n < 2 {
		return library.Version{}
	}
	return v
}

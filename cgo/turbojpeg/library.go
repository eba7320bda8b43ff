//go:build cgo && linux

package turbojpeg

/*
#cgo LDFLAGS: -ldl
#include "turbojpeg.h"
*/
import "C"

import (
	"errors"
	"unsafe"

	"udml-gpu/cgo/library"
)

func bind(handle unsafe.Pointer) (v library.Version, missing string) {
	if name := C.udml_turbojpeg_bind(handle); name != nil {
		return v, C.GoString(name)
	}
	return versionIn(C.GoString(C.udml_turbojpeg_file())), ""
}

// Decode decodes a JPEG file of width x height pixels to pix: of one byte where grey is set, which is for files of one
// component, and RGBA with alpha 255 else. It uses the accurate transform and smooth chroma, which are libjpeg's defaults.
// An error is all that is not perfect, warnings of the library among it; pix then holds anything.
//
// Each call has a decoder of its own, so that no tables of one file are left for the next one.
func Decode(pix, file []byte, width, height int, grey bool) error {
	if !Available() {
		return errors.New(Problem())
	}
	depth, one := 4, C.int(0)
	if grey {
		depth, one = 1, 1
	}
	if width < 1 || height < 1 || len(pix)/depth/width < height || len(file) == 0 {
		return errors.New("libjpeg-turbo: no pixels or no file")
	}
	var why [200]C.char // the library's messages have at most that many bytes
	if C.udml_turbojpeg_decode((*C.uchar)(unsafe.SliceData(file)), C.ulong(len(file)), (*C.uchar)(unsafe.SliceData(pix)),
		C.int(width), C.int(height), one, &why[0], C.int(len(why))) != 0 {
		return errors.New("libjpeg-turbo: " + C.GoString(&why[0]))
	}
	return nil
}

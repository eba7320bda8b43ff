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

// Decode decodes a JPEG file of width x height pixels to pix. It uses the accurate transform and smooth chroma, which are
// libjpeg's defaults. A warning of the library is an error too; the content of pix is then undefined.
//
// Each call has a decoder of its own, so that no tables of one file are left for the next one.
func Decode(pix, file []byte, width, height int, f Format) error {
	outcome, why, err := decode(pix, file, width, height, f, 1)
	if err == nil && outcome != C.UDML_TURBOJPEG_DONE {
		err = errors.New("libjpeg-turbo: " + why)
	}
	return err
}

// Repair is Decode for a file that may be unusual or damaged: pix holds what libjpeg makes of it, and warning is the
// library's last message about it, "" if there was none.
func Repair(pix, file []byte, width, height int, f Format) (warning string, err error) {
	outcome, why, err := decode(pix, file, width, height, f, 0)
	if err == nil && outcome == C.UDML_TURBOJPEG_FAILED {
		err = errors.New("libjpeg-turbo: " + why)
	}
	return why, err
}

// formats are the library's numbers.
var formats = map[Format]C.int{Grey: C.UDML_TURBOJPEG_GREY, RGBA: C.UDML_TURBOJPEG_RGBA, CMYK: C.UDML_TURBOJPEG_CMYK}

func decode(pix, file []byte, width, height int, f Format, strict C.int) (outcome C.int, why string, err error) {
	if !Available() {
		return 0, "", errors.New(Problem())
	}
	if width < 1 || height < 1 || len(pix)/f.Depth()/width < height || len(file) == 0 {
		return 0, "", errors.New("libjpeg-turbo: no pixels or no file")
	}
	var text [200]C.char // the library's messages have at most that many bytes
	outcome = C.udml_turbojpeg_decode((*C.uchar)(unsafe.SliceData(file)), C.ulong(len(file)), (*C.uchar)(unsafe.SliceData(pix)),
		C.int(width), C.int(height), formats[f], strict, &text[0], C.int(len(text)))
	return outcome, C.GoString(&text[0]), nil
}

//go:build cgo && linux

package heif

/*
#cgo LDFLAGS: -ldl
#include "heif.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"udml-gpu/cgo/library"
)

func bind(handle unsafe.Pointer) (v library.Version, missing string) {
	if name := C.udml_heif_bind(handle); name != nil {
		return v, C.GoString(name)
	}
	var n [3]C.int
	C.udml_heif_version(&n[0], &n[1], &n[2])
	return library.Version{int(n[0]), int(n[1]), int(n[2])}, ""
}

// Has says whether the library has a decoder for a codec: it may come in packages of its own.
func Has(codec Codec) bool { return Available() && C.udml_heif_has(C.int(codec)) != 0 }

// File is an open file. It is for one goroutine at a time.
type File struct {
	handle        *C.struct_udml_heif
	pin           runtime.Pinner
	width, height int
	why           [200]C.char
}

// Open reads the header of a file in memory, which must not change until Close.
func Open(b []byte) (*File, error) {
	if !Available() {
		return nil, errors.New(Problem())
	}
	if len(b) == 0 {
		return nil, errors.New("libheif: the file is empty")
	}
	f := &File{}
	var w, h C.int32_t
	f.pin.Pin(unsafe.SliceData(b)) // the library reads it in later calls too
	f.handle = C.udml_heif_open(unsafe.Pointer(unsafe.SliceData(b)), C.uint64_t(len(b)), &w, &h, &f.why[0], C.int(len(f.why)))
	if f.handle == nil {
		f.pin.Unpin()
		return nil, f.err()
	}
	f.width, f.height = int(w), int(h)
	return f, nil
}

func (f *File) err() error { return errors.New("libheif: " + C.GoString(&f.why[0])) }

// Size is the primary image's, upright.
func (f *File) Size() (width, height int) { return f.width, f.height }

// Decode decodes the primary image to the given sampling. It may be called until it succeeds. A sampling other than that of the file costs
// sharpness.
func (f *File) Decode(sampling Sampling) (*Picture, error) {
	var p C.struct_udml_heif_picture
	if C.udml_heif_decode(f.handle, C.int(sampling), &p, &f.why[0], C.int(len(f.why))) != 0 {
		return nil, f.err()
	}
	if p.warnings > 0 {
		return nil, errors.New("libheif: the file is damaged")
	}
	samples := 1
	if sampling == Together {
		samples = 3
	}
	out := &Picture{Matrix: int(p.matrix), Full: p.full != 0}
	if p.described == 0 {
		out.Matrix, out.Full = bt601, true // the library's default
	}
	for i := range out.Planes {
		if err := take(&out.Planes[i], &p.planes[i], samples); err != nil {
			return nil, err
		}
	}
	if out.Planes[0].Pix == nil {
		return nil, errors.New("libheif: there are no pixels")
	}
	return out, nil
}

// bt601 is the matrix of BT.601, by the numbers of ISO 23091-2.
const bt601 = 6

// take copies a plane out of the library's memory.
func take(out *Plane, in *C.struct_udml_heif_plane, samples int) error {
	if in.pixels == nil {
		return nil
	}
	*out = Plane{Stride: int(in.stride), Width: int(in.width), Height: int(in.height), Bits: int(in.bits)}
	size := 1
	if out.Bits > 8 {
		size = 2
	}
	sized := out.Width > 0 && out.Height > 0 && out.Width <= 1<<16 && out.Height <= 1<<16
	if !sized || out.Bits < 1 || out.Bits > 16 || out.Stride < out.Width*size*samples {
		return fmt.Errorf("libheif: a plane of %dx%d samples of %d bits", out.Width, out.Height, out.Bits)
	}
	bytes := out.Stride*(out.Height-1) + out.Width*size*samples // the last row may end early
	out.Pix = make([]byte, out.Stride*out.Height)
	copy(out.Pix, unsafe.Slice((*byte)(in.pixels), bytes))
	return nil
}

// Close frees the library's memory.
func (f *File) Close() {
	C.udml_heif_close(f.handle)
	f.pin.Unpin()
}

//go:build cgo && linux

package tiff

/*
#cgo LDFLAGS: -ldl
#include "tiff.h"
*/
import "C"

import (
	"errors"
	"runtime"
	"unsafe"

	"udml-gpu/cgo/library"
)

func bind(handle unsafe.Pointer) (v library.Version, missing string) {
	if name := C.udml_tiff_bind(handle); name != nil {
		return v, C.GoString(name)
	}
	return versionOf(C.GoString(C.udml_tiff_version())), ""
}

// Has says whether the library can decode files of a compression (the value of tag 259).
func Has(compression int) bool {
	return Available() && compression >= 0 && compression < 1<<16 && C.udml_tiff_has(C.uint16_t(compression)) != 0
}

// File is an open file. It is for one goroutine at a time.
type File struct {
	handle *C.struct_udml_tiff
	pin    runtime.Pinner
	shape  Shape
	why    [200]C.char // the library's messages are cut to that many bytes
}

// Open reads the directory of a file in memory, which must not change until Close. The library takes no single piece of
// memory of more than limit bytes where it is version 4.5 or later. toRGB lets JPEG files of YCbCr colours come out as RGB.
func Open(b []byte, limit int64, toRGB bool) (*File, error) {
	if !Available() {
		return nil, errors.New(Problem())
	}
	if len(b) == 0 {
		return nil, errors.New("libtiff: the file is empty")
	}
	f, rgb := &File{}, C.int(0)
	if toRGB {
		rgb = 1
	}
	var s C.struct_udml_tiff_shape
	f.pin.Pin(unsafe.SliceData(b)) // the library reads it in later calls too
	f.handle = C.udml_tiff_open((*C.uchar)(unsafe.SliceData(b)), C.int64_t(len(b)), C.int64_t(limit), rgb, &s, &f.why[0], C.int(len(f.why)))
	if f.handle == nil {
		f.pin.Unpin()
		return nil, f.err()
	}
	f.shape = Shape{
		Width: int(s.width), Height: int(s.height), Across: int(s.across), Down: int(s.down), Bits: int(s.bits), Samples: int(s.samples),
		Separate: s.planar == 2, Tiled: s.tiled != 0, ChunkBytes: int64(s.chunk), RowBytes: int64(s.row),
	}
	return f, nil
}

func (f *File) err() error { return errors.New("libtiff: " + C.GoString(&f.why[0])) }

// Shape is the layout of the file's first image.
func (f *File) Shape() Shape { return f.shape }

// Chunk decodes the strip or tile of that number to dst, samples of several bytes in the machine's order. Bytes of dst beyond
// the chunk keep their values.
func (f *File) Chunk(number int, dst []byte) error {
	if number < 0 || int64(number) >= 1<<32 || len(dst) == 0 {
		return errors.New("libtiff: no such chunk, or no room")
	}
	room := (*C.uchar)(unsafe.SliceData(dst))
	if C.udml_tiff_chunk(f.handle, C.uint32_t(number), room, C.int64_t(len(dst)), &f.why[0], C.int(len(f.why))) != 0 {
		return f.err()
	}
	return nil
}

// RGBA decodes the image, of any kind of colours, to pixels of four bytes. It does not turn it by the orientation.
func (f *File) RGBA(dst []byte) error {
	w, h := f.shape.Width, f.shape.Height
	if w < 1 || h < 1 || len(dst)/4/w < h {
		return errors.New("libtiff: no pixels, or no room")
	}
	if uintptr(unsafe.Pointer(unsafe.SliceData(dst)))%4 != 0 {
		return errors.New("libtiff: the pixels are not aligned to 4 bytes")
	}
	if C.udml_tiff_rgba(f.handle, C.uint32_t(w), C.uint32_t(h), (*C.uchar)(unsafe.SliceData(dst)), &f.why[0], C.int(len(f.why))) != 0 {
		return f.err()
	}
	return nil
}

// Close frees the library's memory.
func (f *File) Close() {
	C.udml_tiff_close(f.handle)
	f.pin.Unpin()
}

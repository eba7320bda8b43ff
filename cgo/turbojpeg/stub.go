//go:build !cgo || !linux

package turbojpeg

import (
	"errors"
	"unsafe"

	"udml-gpu/cgo/library"
)

// bind is never called, because no file opens.
func bind(unsafe.Pointer) (v library.Version, missing string) { return v, "" }

// Decode decodes nothing in this build.
func Decode(pix, file []byte, width, height int, f Format) error { return errors.New(Problem()) }

// Repair repairs nothing in this build.
func Repair(pix, file []byte, width, height int, f Format) (warning string, err error) {
	return "", errors.New(Problem())
}

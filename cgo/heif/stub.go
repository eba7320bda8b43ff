//go:build !cgo || !linux

package heif

import (
	"errors"
	"unsafe"

	"udml-gpu/cgo/library"
)

// bind is never called, because no file opens.
func bind(unsafe.Pointer) (v library.Version, missing string) { return v, "" }

// Has says no in this build.
func Has(Codec) bool { return false }

// File is never made in this build.
type File struct{}

// Open opens nothing in this build.
func Open([]byte) (*File, error) { return nil, errors.New(Problem()) }

// Size is never called.
func (*File) Size() (width, height int) { return 0, 0 }

// Decode is never called.
func (*File) Decode(Sampling) (*Picture, error) { return nil, errors.New(Problem()) }

// Close is never called.
func (*File) Close() {}

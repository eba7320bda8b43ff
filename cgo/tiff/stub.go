//go:build !cgo || !linux

package tiff

import (
	"errors"
	"unsafe"

	"udml-gpu/cgo/library"
)

// bind is never called, because no file opens.
func bind(unsafe.Pointer) (v library.Version, missing string) { return v, "" }

// Has says no in this build.
func Has(int) bool { return false }

// File is never made in this build.
type File struct{}

// Open opens nothing in this build.
func Open([]byte, int64, bool) (*File, error) { return nil, errors.New(Problem()) }

// Shape is never called.
func (*File) Shape() Shape { return Shape{} }

// Chunk is never called.
func (*File) Chunk(int, []byte) error { return errors.New(Problem()) }

// RGBA is never called.
func (*File) RGBA([]byte) error { return errors.New(Problem()) }

// Close is never called.
func (*File) Close() {}

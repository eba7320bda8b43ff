//go:build !cgo || !linux

package library

import "unsafe"

func open(string) (unsafe.Pointer, string) { return nil, NoCgo }

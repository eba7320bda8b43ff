//go:build !cgo || !linux

package library

import "unsafe"

func open(string, bool) (unsafe.Pointer, string) { return nil, NoCgo }

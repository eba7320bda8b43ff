//go:build cgo && linux

package library

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdlib.h>
*/
import "C"

import (
	"runtime"
	"unsafe"
)

// open loads a file and never closes it, since nothing tells when the last of its functions has run.
func open(file string, global bool) (handle unsafe.Pointer, problem string) {
	name := C.CString(file)
	defer C.free(unsafe.Pointer(name))
	// dlerror is about the last call on its own thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	mode := C.int(C.RTLD_NOW | C.RTLD_LOCAL)
	if global {
		mode = C.RTLD_NOW | C.RTLD_GLOBAL
	}
	if handle = C.dlopen(name, mode); handle != nil {
		return handle, ""
	}
	if text := C.dlerror(); text != nil {
		return nil, C.GoString(text)
	}
	return nil, "unknown error"
}

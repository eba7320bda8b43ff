package faultfs

import (
	"fmt"
	"syscall"

	"udml-gpu/models/disk"
)

// Fault is a way in which an operation fails.
type Fault struct {
	Err  error
	How  How
	Gone bool // every later operation fails too
}

// String describes the fault for a message.
func (f Fault) String() string { return fmt.Sprintf("%v, %s, for good: %t", f.Err, f.How, f.Gone) }

// On is a file system whose k-th operation has the fault.
func (f Fault) On(fsys disk.FS, k int) *Failing {
	return &Failing{FS: fsys, K: k, Err: f.Err, How: f.How, Gone: f.Gone}
}

// Stop is the fault of a disk that is gone: the operation and all later ones do nothing.
var Stop = Fault{syscall.EIO, Refused, true}

// Faults are the errors of a full, read-only, broken and forbidding disk and of a server that lost the file, each for one
// operation and for all from then on; short writes that report only how little they wrote; and bytes that change on the way.
func Faults() (list []Fault) {
	for _, err := range []error{syscall.ENOSPC, syscall.EROFS, syscall.EIO, syscall.EPERM, syscall.ESTALE, syscall.ENOTSUP} {
		for _, how := range []How{Refused, Half, Late} {
			list = append(list, Fault{err, how, false}, Fault{err, how, true})
		}
	}
	return append(list, Fault{nil, Half, false}, Fault{nil, Altered, false})
}

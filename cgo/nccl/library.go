// Package nccl is NVIDIA's NCCL as this project uses it: it moves bytes between the GPUs of the processes of a run, and
// adds up numbers of theirs.
// The library is looked for when it is first needed: the program links to nothing, and runs without it.
//
// UDML_LIBNCCL names the file to open in place of libnccl.so.2, which the system's loader looks for; UDML_NO_NCCL=1 opens none. A build
// without cgo has the same API and finds none.
package nccl

import (
	"fmt"
	"sync"

	"udml-gpu/cgo/library"
)

// The environment variables that choose the library.
const (
	FileVariable = "UDML_LIBNCCL" // the file to open
	OffVariable  = "UDML_NO_NCCL" // 1: none
)

// needMinor is the minor version of NCCL 2 whose functions and structures the package knows.
const needMinor = 18

// ID names a communicator. One process makes it, and all of the communicator need it.
type ID [128]byte

// Message is bytes in the memory of a GPU that go to a peer, or come from it.
type Message struct {
	Peer    int
	Receive bool
	Address uint64
	Bytes   int
}

var binding = library.Binding{
	Name: "NCCL", FileVariable: FileVariable, OffVariable: OffVariable, Files: []string{"libnccl.so.2"}, Majors: []int{2}, Bind: bind,
}

// found is the search, made once.
var found = sync.OnceValue(func() library.Library { return find(&binding) })

// find refuses early versions of NCCL 2 too.
func find(b *library.Binding) library.Library {
	l := b.Find()
	if l.Problem == "" && l.Version[1] < needMinor {
		l.Problem = fmt.Sprintf("%s is NCCL %s, and this program needs 2.%d or newer: name another file by %s",
			l.File, l.Version, needMinor, FileVariable)
	}
	return l
}

// versionOf reads the number of ncclGetVersion: 21801 for 2.18.1. The scheme changed with 2.9.
func versionOf(v int) library.Version {
	if v < 10000 {
		return library.Version{v / 1000, v / 100 % 10, v % 100}
	}
	return library.Version{v / 10000, v / 100 % 100, v % 100}
}

// Problem is why NCCL is not used, "" when it is.
func Problem() string { return found().Problem }

// File is NCCL's file as it was opened, "" when there is none.
func File() string { return found().File }

// Version is the version of the NCCL found, such as "2.18.1", "" when there is none.
func Version() string { return found().VersionText() }

//go:build cgo && linux

package mpi

/*
#cgo CFLAGS: -std=c11
#cgo LDFLAGS: -ldl
#include <sched.h>
#include <stdlib.h>
#include "mpi.h"
*/
import "C"

import (
	"unsafe"

	"udml-gpu/cgo/library"
)

func bind(handle unsafe.Pointer) (v library.Version, missing string) {
	if name := C.udml_mpi_bind(handle); name != nil {
		return v, C.GoString(name)
	}
	var major, minor C.int
	if C.udml_mpi_version(&major, &minor) != 0 {
		return v, "MPI_Get_version that succeeds"
	}
	return library.Version{int(major), int(minor)}, ""
}

func abiOfOpened() ABI { return ABI(C.udml_mpi_abi()) }

// libraryText is what the library says of itself.
func libraryText() []byte {
	var text [C.UDML_MPI_TEXT]C.char
	if C.udml_mpi_library(&text[0]) != 0 {
		return nil
	}
	return []byte(C.GoString(&text[0]))
}

func errorText(code int) string {
	var text [C.UDML_MPI_TEXT]C.char
	if C.udml_mpi_error_text(C.int(code), &text[0]) != 0 {
		return "unknown"
	}
	return C.GoString(&text[0])
}

func start() (enough bool, code int) {
	var level C.int
	code = int(C.udml_mpi_init(&level))
	return level != 0, code
}

// Rank is the number of this process, and how many there are.
func (l *Library) Rank() (rank, size int, err error) {
	var r, s C.int
	err = failed("MPI_Comm_rank", int(C.udml_mpi_rank(&r, &s)))
	return int(r), int(s), err
}

// Local is the number of this process among those that share memory with it, which are those of its machine, and how many these are. All
// processes have to call it, and it waits for them.
func (l *Library) Local() (rank, size int, err error) {
	var r, s C.int
	err = failed("MPI_Comm_split_type", int(C.udml_mpi_local(&r, &s)))
	return int(r), int(s), err
}

// Abort ends all processes of the launcher with this exit code, this one too. It returns only if the library failed to.
func (l *Library) Abort(code int) error {
	return failed("MPI_Abort", int(C.udml_mpi_abort(C.int(code))))
}

// Finalize ends MPI. It waits until all other processes have called it, for ever if one is gone.
func (l *Library) Finalize() error { return failed("MPI_Finalize", int(C.udml_mpi_finalize())) }

// Yield lets other processes that wait for this core have it.
func Yield() { C.sched_yield() }

// Exit ends the program as C programs end: what libraries want to be called at the end is called. MPICH 5 tells mpiexec only there that
// this process ends in good order; without, mpiexec kills the others.
func Exit(code int) { C.exit(C.int(code)) }

// Allocate is memory for messages, outside that of Go: MPI reads and writes it after a call has returned, and a network card that has
// learned where it lies goes on to use that place. Go may give pages of its own memory back to the system in ways that MPI does not see,
// and the card would then write into the wrong ones. The memory is never given back; keep it and use it again.
func Allocate(n int) []byte { return unsafe.Slice((*byte)(C.malloc(C.size_t(max(n, 1)))), n) }

// Send begins to send b, memory of Allocate, to a rank; messages of one tag arrive in order. b may have at most 1 GiB.
func (l *Library) Send(b []byte, peer, tag int) (Request, error) {
	var r C.uint64_t
	code := C.udml_mpi_send(unsafe.Pointer(unsafe.SliceData(b)), C.int(len(b)), C.int(peer), C.int(tag), &r)
	return Request{Handle: uint64(r)}, failed("MPI_Isend", int(code))
}

// Receive begins to fill b, memory of Allocate, with the next message of a rank with this tag. A longer message is an error.
func (l *Library) Receive(b []byte, peer, tag int) (Request, error) {
	var r C.uint64_t
	code := C.udml_mpi_receive(unsafe.Pointer(unsafe.SliceData(b)), C.int(len(b)), C.int(peer), C.int(tag), &r)
	return Request{Handle: uint64(r), Receive: true}, failed("MPI_Irecv", int(code))
}

// Add begins to add up numbers of all ranks, which have to call it in one order: MPI_Iallreduce. in are those of this rank, and out
// receives the sums; both are memory of Allocate, of equal length, and hold float64 where wide says so, else float32. The library decides
// the order of the additions.
func (l *Library) Add(in, out []byte, wide bool) (Request, error) {
	n, w := len(in)/4, C.int(0)
	if wide {
		n, w = len(in)/8, 1
	}
	var r C.uint64_t
	code := C.udml_mpi_add(unsafe.Pointer(unsafe.SliceData(in)), unsafe.Pointer(unsafe.SliceData(out)), C.int(n), w, &r)
	return Request{Handle: uint64(r)}, failed("MPI_Iallreduce", int(code))
}

// Test says whether a message has been sent or received, or numbers added up, and if received, how many bytes came. Once it is done, do
// not ask again. All messages get on while any is asked for, and only then.
func (l *Library) Test(r *Request) (done bool, count int, err error) {
	var d, n C.int
	var counted *C.int
	if r.Receive {
		counted = &n
	}
	code := C.udml_mpi_test((*C.uint64_t)(&r.Handle), &d, counted)
	return d != 0, int(n), failed("MPI_Test", int(code))
}

//go:build !cgo || !linux

package mpi

import (
	"errors"
	"os"
	"unsafe"

	"udml-gpu/cgo/library"
)

// errNoCgo is the error of all calls. Nothing makes them, because no file opens.
var errNoCgo = errors.New("MPI cannot be used: " + library.NoCgo)

func bind(unsafe.Pointer) (v library.Version, missing string) { return v, "" }

func abiOfOpened() ABI { return 0 }

func libraryText() []byte { return nil }

func errorText(int) string { return library.NoCgo }

func start() (enough bool, code int) { return false, 1 }

// Rank fails in this build.
func (l *Library) Rank() (rank, size int, err error) { return 0, 0, errNoCgo }

// Local fails in this build.
func (l *Library) Local() (rank, size int, err error) { return 0, 0, errNoCgo }

// Abort fails in this build.
func (l *Library) Abort(int) error { return errNoCgo }

// Finalize fails in this build.
func (l *Library) Finalize() error { return errNoCgo }

// Yield does nothing in this build, in which nothing is waited for.
func Yield() {}

// Exit is os.Exit in this build.
func Exit(code int) { os.Exit(code) }

// Allocate is Go's memory in this build, in which no message is sent.
func Allocate(n int) []byte { return make([]byte, n) }

// Send fails in this build.
func (l *Library) Send([]byte, int, int) (Request, error) { return Request{}, errNoCgo }

// Receive fails in this build.
func (l *Library) Receive([]byte, int, int) (Request, error) { return Request{}, errNoCgo }

// Add fails in this build.
func (l *Library) Add([]byte, []byte, bool) (Request, error) { return Request{}, errNoCgo }

// Test fails in this build.
func (l *Library) Test(*Request) (done bool, count int, err error) { return false, 0, errNoCgo }

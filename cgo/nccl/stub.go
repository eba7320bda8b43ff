//go:build !cgo || !linux

package nccl

import (
	"unsafe"

	"udml-gpu/cgo/library"
)

// bind is never called, because no file opens.
func bind(unsafe.Pointer) (v library.Version, missing string) { return v, "" }

// NewID makes the name of a communicator. It is never called, because Problem is never "".
func NewID() (ID, error) { return ID{}, errOver }

// Comm is a communicator; in this build there is none.
type Comm struct{}

// Begin begins a communicator.
func Begin(ID, int, int) (*Comm, error) { return nil, errOver }

// State says whether a call still goes on, or what has gone wrong.
func (c *Comm) State() (busy bool, err error) { return false, errOver }

// Exchange queues messages as one group on the stream.
func (c *Comm) Exchange(unsafe.Pointer, []Message) error { return errOver }

// Add queues a sum over all ranks on the stream.
func (c *Comm) Add(unsafe.Pointer, uint64, int, bool) error { return errOver }

// Finalize begins to end the communicator.
func (c *Comm) Finalize() error { return errOver }

// Destroy frees a communicator that was finalized.
func (c *Comm) Destroy() error { return errOver }

// Abort ends the communicator.
func (c *Comm) Abort() error { return nil }

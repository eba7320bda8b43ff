//go:build !cgo || !linux

package onednn

import (
	"unsafe"

	"udml-gpu/cgo/library"
)

// bind is never called, because no file opens.
func bind(unsafe.Pointer) (v library.Version, missing string) { return v, "" }

func isa() int { return 0 }

// Conv is a pass of a convolution; in this build there is none.
type Conv struct{}

// New is an error, because Available is false.
func New(Pass, Shape, *Conv) (*Conv, error) { return nil, ErrNotSupported }

// Code is the library's name for the code that it runs.
func (c *Conv) Code() string { return "" }

// Weights is the number of elements of the weights in the library's layout.
func (c *Conv) Weights() int { return 0 }

// Scratch is the number of elements of scratch memory that a Run needs.
func (c *Conv) Scratch() int { return 0 }

// Pack copies weights to the library's layout.
func (c *Conv) Pack(_, _ []float32) error { return ErrNotSupported }

// Unpack copies weights in the library's layout to [O,KH,KW,C/Groups].
func (c *Conv) Unpack(_, _ []float32) error { return ErrNotSupported }

// Run computes the pass.
func (c *Conv) Run(int, []float32, []float32, []float32, []float32) error { return ErrNotSupported }

// Matmul is a product of matrices of one shape; in this build there is none.
type Matmul struct{}

// NewMatmul is an error, because Available is false.
func NewMatmul(Product) (*Matmul, error) { return nil, ErrNotSupported }

// Code is the library's name for the code that it runs.
func (mm *Matmul) Code() string { return "" }

// Scratch is the number of elements of scratch memory that a Run needs.
func (mm *Matmul) Scratch() int { return 0 }

// Run multiplies.
func (mm *Matmul) Run(_, _, _, _, _ []float32) error { return ErrNotSupported }

// Package cublas is cuBLASLt 12 or 13 as this project uses it: products of float32 or bfloat16 matrices by algorithms that give the
// same bits in every run. The library is looked for when it is first needed: the program links to nothing, and runs
// without it.
//
// UDML_LIBCUBLASLT names the file to open in place of libcublasLt.so.13 and libcublasLt.so.12, which the system's loader
// looks for in this order; UDML_NO_CUBLAS=1 opens none. A build without cgo has the same API and finds none.
package cublas

import (
	"errors"
	"sync"

	"udml-gpu/cgo/library"
)

// The environment variables that choose the library.
const (
	FileVariable = "UDML_LIBCUBLASLT" // the file to open
	OffVariable  = "UDML_NO_CUBLAS"   // 1: none
)

// The major versions of cuBLAS whose functions the package calls: they are the same in both.
const (
	OldestMajor = 12
	NewestMajor = 13
)

// Compute is how products are computed. Sums are kept in float32 in all of them.
type Compute int

// The kinds of products: in float32, or on tensor cores with factors rounded to 10 or 7 bits of mantissa.
const (
	FP32 Compute = iota
	TF32
	BF16
)

// Shape is a product of dense row-major matrices: c [M,N] = op(a) [M,K] op(b) [K,N], all sizes at least 1.
type Shape struct {
	TransA, TransB bool
	M, N, K        int
	Compute        Compute // of bfloat16 factors it says nothing
	Factors, C     Type
}

// Type is that of a matrix. Both factors have one.
type Type int

// The types of matrices.
const (
	Float32 Type = iota
	BFloat16
)

// workspaceLimit is the device memory that a product may take besides its operands, as NVIDIA advises for Hopper.
const workspaceLimit = 32 << 20

// Operands are device addresses of the matrices and the workspace, all on 16 bytes, and the factors of
// c = Alpha op(a) op(b) + Beta c.
type Operands struct {
	A, B, C, Workspace uint64
	Alpha, Beta        float32
}

// VersionError says that the library found is not of a major version that can be used.
type VersionError = library.VersionError

// ErrNotSupported is wrapped by the errors of products for which the library has no algorithm.
var ErrNotSupported = errors.New("cuBLASLt does not support this product")

var binding = library.Binding{
	Name: "cuBLAS", FileVariable: FileVariable, OffVariable: OffVariable,
	Files: []string{"libcublasLt.so.13", "libcublasLt.so.12"}, Majors: []int{OldestMajor, NewestMajor}, Bind: bind,
}

// found is the search, made once.
var found = sync.OnceValue(binding.Find)

// versionOf reads the number of cublasLtGetVersion: 120903 for 12.9.3.
func versionOf(v int) library.Version { return library.Version{v / 10000, v / 100 % 100, v % 100} }

// Problem is why cuBLASLt is not used, "" when it is.
func Problem() string { return found().Problem }

// Err is a *VersionError when there is a cuBLASLt but of another major version, which a user should be told. A missing library is a
// Problem and no error.
func Err() error { return found().Wrong }

// File is cuBLASLt's file as it was opened, "" when there is none.
func File() string { return found().File }

// Version is the version of the cuBLASLt found, such as "12.9.3", "" when there is none.
func Version() string { return found().VersionText() }

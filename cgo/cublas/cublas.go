// Package cublas is cuBLASLt 12 or 13 as this project uses it: products of float32 matrices by algorithms that give the
// same bits in every run. The library is looked for when it is first needed: the program links to nothing, and runs
// without it.
//
// UDML_LIBCUBLASLT names the file to open in place of libcublasLt.so.13 and libcublasLt.so.12, which the system's loader
// looks for in this order; UDML_NO_CUBLAS=1 opens none. A build without cgo has the same API and finds none.
package cublas

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
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
	Compute        Compute
}

// workspaceLimit is the device memory that a product may take besides its operands: what NVIDIA advises for Hopper.
const workspaceLimit = 32 << 20

// Operands are device addresses of the matrices and the workspace, all on 16 bytes, and the factors of
// c = Alpha op(a) op(b) + Beta c.
type Operands struct {
	A, B, C, Workspace uint64
	Alpha, Beta        float32
}

// VersionError says that the library found is not of a major version that can be used.
type VersionError struct {
	File  string
	Found string
}

// Error names the file, the version found and those needed.
func (e *VersionError) Error() string {
	return fmt.Sprintf("%s is cuBLAS %s, and this program needs version %d or %d: name another file by %s, or do without by %s=1",
		e.File, e.Found, OldestMajor, NewestMajor, FileVariable, OffVariable)
}

// ErrNotSupported is what errors of products for which the library has no algorithm wrap.
var ErrNotSupported = errors.New("cuBLASLt does not support this product")

// library is the outcome of the search.
type library struct {
	file    string
	version int // as cublasLtGetVersion tells; 0 when none was opened
	problem string
	wrong   error // a *VersionError
}

// found is the search, made once.
var found = sync.OnceValue(find)

// find looks for the library.
func find() library {
	if os.Getenv(OffVariable) == "1" {
		return library{problem: OffVariable + " is 1"}
	}
	l := first(candidates())
	if m := major(l.version); l.version != 0 && (m < OldestMajor || m > NewestMajor) {
		l.wrong = &VersionError{l.file, versionText(l.version)}
		l.problem = l.wrong.Error()
	}
	return l
}

// candidates are the files to try, in order.
func candidates() []string {
	if file := os.Getenv(FileVariable); file != "" {
		return []string{file}
	}
	return []string{"libcublasLt.so.13", "libcublasLt.so.12"}
}

// first is the first of files that opens, or none, with what each one lacked.
func first(files []string) library {
	var problems []string
	for _, file := range files {
		l := open(file)
		if l.version != 0 {
			return l
		}
		problems = append(problems, l.problem)
	}
	return library{problem: strings.Join(problems, "; ")}
}

func major(v int) int { return v / 10000 }

// versionText is a version as people write it: "12.9.3".
func versionText(v int) string { return fmt.Sprintf("%d.%d.%d", v/10000, v/100%100, v%100) }

// Available says whether the library can be used. The first call looks for it.
func Available() bool { return found().problem == "" }

// Problem is why the library is not used, "" when it is.
func Problem() string { return found().problem }

// Err is a *VersionError when there is a library but of another major version: a mistake that a user wants to hear of.
// That there is none is no error, but a Problem.
func Err() error { return found().wrong }

// File is the library's file as it was opened, "" when there is none.
func File() string { return found().file }

// Version is the version of the library found, such as "12.9.3", "" when there is none.
func Version() string {
	if v := found().version; v != 0 {
		return versionText(v)
	}
	return ""
}

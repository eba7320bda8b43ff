// Package cudnn is cuDNN 9 as this project uses it: convolution by algorithms that give the same bits in every run. The
// library is looked for when it is first needed: the program links to nothing, and runs without it.
//
// UDML_LIBCUDNN names the file to open in place of libcudnn.so.9, which the system's loader looks for; UDML_NO_CUDNN=1
// opens none. A build without cgo has the same API and finds none.
package cudnn

import (
	"errors"
	"fmt"
	"os"
	"sync"
)

// The environment variables that choose the library.
const (
	FileVariable = "UDML_LIBCUDNN" // the file to open
	OffVariable  = "UDML_NO_CUDNN" // 1: none
)

// NeedMajor is the major version of cuDNN whose functions the package calls.
const NeedMajor = 9

// Pass is one of the three computations of a convolution.
type Pass int

// The passes: y of x and the weights, the gradient of x, the gradient of the weights.
const (
	Forward Pass = iota
	BackwardData
	BackwardWeights
)

// String is the pass as messages name it.
func (p Pass) String() string { return [...]string{"forward", "backward data", "backward weights"}[p] }

// Math is how products are computed.
type Math int

// The kinds of products: in float32, or on tensor cores with factors rounded to 10 bits of mantissa.
const (
	FMA Math = iota
	TF32
)

// Shape is the sizes of a convolution: x [N,H,W,C], weights [O,KH,KW,C], y [N,OH,OW,O], all at least 1.
type Shape struct {
	N, H, W, C, OH, OW, O, KH, KW, Stride, Pad int
	Math                                       Math
}

// Operands are device addresses of x, the weights and y, or of their gradients, and of the workspace.
type Operands struct {
	X, Weights, Y, Workspace uint64
	Bytes                    int     // of the workspace
	Beta                     float32 // 1 adds to what the pass computes, 0 overwrites it
}

// VersionError says that the library found is not of the major version needed.
type VersionError struct {
	File  string
	Found string
}

// Error names the file, the version found and the one needed.
func (e *VersionError) Error() string {
	return fmt.Sprintf("%s is cuDNN %s, and this program needs version %d: name another file by %s, or do without by %s=1",
		e.File, e.Found, NeedMajor, FileVariable, OffVariable)
}

// ErrNotSupported is what errors of shapes that the library's algorithm does not take wrap.
var ErrNotSupported = errors.New("cuDNN does not support this convolution")

// library is the outcome of the search.
type library struct {
	file    string
	version int // as cudnnGetVersion tells; 0 when none was opened
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
	file := os.Getenv(FileVariable)
	if file == "" {
		file = "libcudnn.so.9"
	}
	l := open(file)
	if l.version != 0 && major(l.version) != NeedMajor {
		l.wrong = &VersionError{file, versionText(l.version)}
		l.problem = l.wrong.Error()
	}
	return l
}

// major is the major version: 9 of 90501, 8 of 8907. The scheme changed with version 9.
func major(v int) int {
	if v >= 90000 {
		return v / 10000
	}
	return v / 1000
}

// versionText is a version as people write it: "9.5.1".
func versionText(v int) string {
	if v >= 90000 {
		return fmt.Sprintf("%d.%d.%d", v/10000, v/100%100, v%100)
	}
	return fmt.Sprintf("%d.%d.%d", v/1000, v/100%10, v%100)
}

// Available says whether the library can be used. The first call looks for it.
func Available() bool { return found().problem == "" }

// Problem is why the library is not used, "" when it is.
func Problem() string { return found().problem }

// Err is a *VersionError when there is a library but of another major version: a mistake that a user wants to hear of.
// That there is none is no error, but a Problem.
func Err() error { return found().wrong }

// File is the library's file as it was opened, "" when there is none.
func File() string { return found().file }

// Version is the version of the library found, such as "9.5.1", "" when there is none.
func Version() string {
	if v := found().version; v != 0 {
		return versionText(v)
	}
	return ""
}

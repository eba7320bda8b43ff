// Package cudnn is cuDNN 9 as this project uses it: convolution by algorithms that give the same bits in every run. The
// library is looked for when it is first needed: the program links to nothing, and runs without it.
//
// UDML_LIBCUDNN names the file to open in place of libcudnn.so.9, which the system's loader looks for; UDML_NO_CUDNN=1
// opens none. A build without cgo has the same API and finds none.
package cudnn

import (
	"errors"
	"sync"

	"udml-gpu/cgo/library"
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

// The kinds of products: in float32, or on tensor cores, for which factors of float32 are rounded to 10 bits of mantissa.
const (
	FMA Math = iota
	TensorCores
)

// Data is the type of x, the weights and y, and of their gradients. Sums are float32.
type Data int

// The types.
const (
	Float32 Data = iota
	BFloat16
)

// Shape is the sizes of a convolution: x [N,H,W,C], weights [O,KH,KW,C/Groups], y [N,OH,OW,O], all but Pad at least 1. The g-th of
// Groups equal parts of the O filters sees the g-th of as many equal parts of the C channels: with Groups = C = O, each channel has
// a filter of its own.
type Shape struct {
	N, H, W, C, OH, OW, O, KH, KW, Stride, Pad, Groups int
	Math                                               Math
	Data                                               Data
}

// Operands are device addresses of x, the weights and y, or of their gradients, and of the workspace.
type Operands struct {
	X, Weights, Y, Workspace uint64
	Bytes                    int     // of the workspace
	Beta                     float32 // 1 adds the old result to the new one, 0 overwrites it
}

// VersionError says that the library found is not of the major version needed.
type VersionError = library.VersionError

// ErrNotSupported is wrapped by the errors of shapes that the library's algorithm does not take.
var ErrNotSupported = errors.New("cuDNN does not support this convolution")

var binding = library.Binding{
	Name: "cuDNN", FileVariable: FileVariable, OffVariable: OffVariable,
	Files: []string{"libcudnn.so.9"}, Majors: []int{NeedMajor}, Bind: bind,
}

// found is the search, made once.
var found = sync.OnceValue(binding.Find)

// versionOf reads the number of cudnnGetVersion: 90501 for 9.5.1, 8907 for 8.9.7. The scheme changed with version 9.
func versionOf(v int) library.Version {
	if v >= 90000 {
		return library.Version{v / 10000, v / 100 % 100, v % 100}
	}
	return library.Version{v / 1000, v / 100 % 10, v % 100}
}

// Problem is why cuDNN is not used, "" when it is.
func Problem() string { return found().Problem }

// Err is a *VersionError when there is a cuDNN but of another major version, which a user should be told. A missing library is a
// Problem and no error.
func Err() error { return found().Wrong }

// File is cuDNN's file as it was opened, "" when there is none.
func File() string { return found().File }

// Version is the version of the cuDNN found, such as "9.5.1", "" when there is none.
func Version() string { return found().VersionText() }

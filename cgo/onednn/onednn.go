// Package onednn is oneDNN 3 as this project uses it: convolutions of float32 images [N,H,W,C] on the CPU, and products of float32
// matrices. The library is looked for when it is first needed: the program links to nothing, and runs without it.
//
// Every call runs on the calling thread alone: callers split work into tiles themselves, so that results do not depend on the
// number of cores. Only algorithms that sum the products themselves are asked for, so that errors have the bound of such a sum.
//
// The environment variable UDML_ONEDNN names the library file to open instead of libdnnl.so.3; "off" opens none. ONEDNN_MAX_CPU_ISA is the
// library's own variable: it limits the instructions that it uses. A build without cgo has the same API and finds none.
package onednn

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"udml-gpu/cgo/library"
)

// Variable is the environment variable that names the library file, or says "off".
const Variable = "UDML_ONEDNN"

// NeedMajor is the major version of oneDNN whose functions the package calls.
const NeedMajor = 3

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

// Shape is the sizes of a convolution: x [N,H,W,C], weights [O,KH,KW,C/Groups], y [N,OH,OW,O], all at least 1. The filters of group g, of
// O/Groups each, read channels [g C/Groups, (g+1) C/Groups).
type Shape struct {
	N, H, W, C, OH, OW, O, KH, KW, Stride, Pad, Groups int
}

// check is an error where the sizes are not those of a convolution.
func (s Shape) check() error {
	if min(s.N, s.H, s.W, s.C, s.OH, s.OW, s.O, s.KH, s.KW, s.Stride, s.Groups) < 1 || s.Pad < 0 || s.C%s.Groups != 0 || s.O%s.Groups != 0 {
		return fmt.Errorf("there is no convolution of sizes %+v", s)
	}
	return nil
}

// ErrNotSupported is wrapped by the errors of shapes for which the library has no fast code.
var ErrNotSupported = errors.New("oneDNN does not support this shape")

var binding = library.Binding{
	Name: "oneDNN", FileVariable: Variable, Files: []string{"libdnnl.so.3"}, Majors: []int{NeedMajor}, Bind: bind,
}

// found is the search, made once.
var found = sync.OnceValue(binding.Find)

// Available says whether oneDNN was found and can be used. The first call looks for it.
func Available() bool { return found().Problem == "" }

// Problem is why oneDNN is not used, "" when it is.
func Problem() string { return found().Problem }

// File is oneDNN's file as it was opened, "" when there is none.
func File() string { return found().File }

// Name is the library's version and the instructions that it uses, such as "oneDNN 3.2.0 (AVX512_CORE)"; "" when there is none.
func Name() string {
	called := binding.Called(found())
	if called == "" {
		return ""
	}
	return called + " (" + instructions(isa()) + ")"
}

// Wide says that the library uses AVX-512.
func Wide() bool { return Available() && isa()&0x20 != 0 }

// instructions are the values of dnnl_cpu_isa_t of version 3, under the names that ONEDNN_MAX_CPU_ISA takes.
func instructions(isa int) string {
	name, known := map[int]string{
		0: "DEFAULT", 0x1: "SSE41", 0x3: "AVX", 0x7: "AVX2", 0xf: "AVX2_VNNI", 0x1f: "AVX2_VNNI_2", 0x27: "AVX512_CORE",
		0x67: "AVX512_CORE_VNNI",
		0xe7: "AVX512_CORE_BF16", 0x1ef: "AVX512_CORE_FP16", 0xfef: "AVX512_CORE_AMX", 0x1fef: "AVX512_CORE_AMX_FP16",
	}[isa]
	if !known {
		return fmt.Sprintf("%#x", isa)
	}
	return name
}

// fast says that the library's code of that name is more than its loops for any shape and processor, such as "ref:any" and
// "x64:gemm:jit", which does what this project does by itself.
func fast(code string) bool {
	return code != "" && !strings.Contains(code, "ref") && !strings.HasSuffix(code, "gemm:jit")
}

// want panics where a slice does not hold what a pass reads or writes of it.
func want(what string, got, least int) {
	if got < least {
		panic(fmt.Sprintf("onednn: %s of %d elements, want %d", what, got, least))
	}
}

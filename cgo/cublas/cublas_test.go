package cublas

import (
	"errors"
	"strings"
	"testing"
	"unsafe"

	"udml-gpu/cgo/library"
	"udml-gpu/cgo/library/standin"
)

func TestLibrary(t *testing.T) {
	standin.Run(t, standin.Case{
		Binding: &binding, File: "libcublasLt.so.12", Version: library.Version{12, 9, 3},
		Variable: "UDML_EMU_CUBLASLT_VERSION", Wrong: map[string]string{"111103": "11.11.3", "140000": "14.0.0"},
		Other: "libcudnn.so.9", Missing: "cublasLtGetVersion",
	}, testProduct)
}

// testProduct: descriptions of products, and the errors of products that the library does not take.
func testProduct(t *testing.T) {
	t.Setenv("UDML_EMU_CUBLASLT_REFUSE", "9")
	h, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	for _, compute := range []Compute{FP32, TF32, BF16} {
		for _, trans := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} {
			p, err := h.NewProduct(Shape{TransA: trans[0], TransB: trans[1], M: 3, N: 5, K: 7, Compute: compute})
			if err != nil {
				t.Fatal(err)
			}
			if p.Workspace() != 4096 {
				t.Errorf("%d bytes of workspace", p.Workspace())
			}
			if err := p.Run(unsafe.Pointer(nil), Operands{}); err == nil || !strings.Contains(err.Error(), "cublasLtMatmul failed") {
				t.Errorf("a call without operands: %v", err)
			}
			p.Close()
		}
	}
	for _, c := range []Type{Float32, BFloat16} {
		p, err := h.NewProduct(Shape{M: 3, N: 5, K: 7, Compute: BF16, Factors: BFloat16, C: c})
		if err != nil {
			t.Fatalf("bfloat16 factors and results of type %d: %v", c, err)
		}
		p.Close()
	}
	if _, err := h.NewProduct(Shape{M: 3, N: 5, K: 7, C: BFloat16}); err == nil {
		t.Error("a product of float32 factors into bfloat16 is taken")
	}
	if _, err := h.NewProduct(Shape{M: 3, N: 5, K: 9}); !errors.Is(err, ErrNotSupported) {
		t.Errorf("a product without an algorithm: %v", err)
	}
}

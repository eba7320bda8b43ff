package cudnn

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
		Binding: &binding, File: "libcudnn.so.9", Version: library.Version{9, 5, 1},
		Variable: "UDML_EMU_CUDNN_VERSION", Wrong: map[string]string{"8907": "8.9.7"},
		Other: "libcublasLt.so.12", Missing: "cudnnGetVersion",
	}, testConv)
}

func TestVersionOf(t *testing.T) {
	for v, want := range map[int]string{8907: "8.9.7", 90501: "9.5.1", 92800: "9.28.0", 100000: "10.0.0"} {
		if got := versionOf(v).String(); got != want {
			t.Errorf("%d is %s, want %s", v, got, want)
		}
	}
}

// testConv: descriptions of convolutions, and the errors of shapes that the library does not take.
func testConv(t *testing.T) {
	t.Setenv("UDML_EMU_CUDNN_REFUSE", "2")
	h, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	s := Shape{N: 1, H: 4, W: 4, C: 2, OH: 4, OW: 4, O: 3, KH: 3, KW: 3, Stride: 1, Pad: 1}
	c, err := h.NewConv(s)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, p := range []Pass{Forward, BackwardData, BackwardWeights} {
		if n, err := c.Workspace(p); err != nil || n != 1024 {
			t.Errorf("%v: %d bytes of workspace, %v", p, n, err)
		}
	}
	if err := c.Run(Forward, unsafe.Pointer(nil), Operands{}); err == nil || errors.Is(err, ErrNotSupported) ||
		!strings.Contains(err.Error(), "cuDNN's forward failed: CUDNN_STATUS_BAD_PARAM (status 2000)") {
		t.Errorf("a call without operands: %v", err)
	}
	s.Stride, s.OH, s.OW = 2, 2, 2
	refused, err := h.NewConv(s)
	if err != nil {
		t.Fatal(err)
	}
	defer refused.Close()
	if _, err := refused.Workspace(Forward); !errors.Is(err, ErrNotSupported) {
		t.Errorf("a convolution that is not supported: %v", err)
	}
	s.N = 0
	if _, err := h.NewConv(s); err == nil {
		t.Error("a convolution of no images was described")
	}
}

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
	s := Shape{N: 1, H: 4, W: 4, C: 2, OH: 4, OW: 4, O: 3, KH: 3, KW: 3, Stride: 1, Pad: 1, Groups: 1}
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
	testGroups(t, h)
	s.N = 0
	if _, err := h.NewConv(s); err == nil {
		t.Error("a convolution of no images was described")
	}
}

// testGroups: the stand-in refuses a filter whose channels times the count of groups are not those of the image, so that what it takes
// has C / Groups of them.
func testGroups(t *testing.T, h *Handle) {
	for _, c := range []struct {
		in, out, groups int
		fits            bool
	}{{6, 6, 6, true}, {6, 12, 6, true}, {6, 4, 2, true}, {5, 4, 2, false}, {6, 5, 2, false}} {
		s := Shape{N: 1, H: 4, W: 4, C: c.in, OH: 4, OW: 4, O: c.out, KH: 3, KW: 3, Stride: 1, Pad: 1, Groups: c.groups}
		conv, err := h.NewConv(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []Pass{Forward, BackwardData, BackwardWeights} {
			if _, err := conv.Workspace(p); (err == nil) != c.fits {
				t.Errorf("%v of %d channels to %d in %d groups: %v", p, c.in, c.out, c.groups, err)
			}
		}
		conv.Close()
	}
	if _, err := h.NewConv(Shape{N: 1, H: 1, W: 1, C: 1, OH: 1, OW: 1, O: 1, KH: 1, KW: 1, Stride: 1}); err == nil {
		t.Error("a convolution in no groups was described")
	}
}

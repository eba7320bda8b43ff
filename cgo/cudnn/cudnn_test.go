package cudnn

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"
)

// standIn is a libcudnn.so.9 that needs no GPU to be opened.
func standIn(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("g++"); err != nil {
		t.Skip("no g++ to build a stand-in for cuDNN with")
	}
	if open("no such file").problem == "this build was made without cgo" {
		t.Skip("this build was made without cgo")
	}
	dir := t.TempDir()
	if out, err := exec.Command("bash", "../../kernels/emu/libs/build.sh", dir).CombinedOutput(); err != nil {
		t.Fatalf("the stand-in does not build: %v\n%s", err, out)
	}
	return filepath.Join(dir, "libcudnn.so.9")
}

// TestLibrary runs all that needs a library on one stand-in: building it takes some seconds.
func TestLibrary(t *testing.T) {
	file := standIn(t)
	t.Run("find", func(t *testing.T) { testFind(t, file) })
	t.Run("find nothing", func(t *testing.T) { testFindNothing(t, file) })
	t.Run("conv", func(t *testing.T) { testConv(t, file) })
}

func testFind(t *testing.T, file string) {
	t.Setenv(FileVariable, file)
	if l := find(); l.problem != "" || l.wrong != nil || l.version != 90501 || l.file != os.Getenv(FileVariable) {
		t.Errorf("found %+v", l)
	}
	t.Setenv("UDML_EMU_CUDNN_VERSION", "8907")
	var wrong *VersionError
	l := find()
	if !errors.As(l.wrong, &wrong) || wrong.Found != "8.9.7" || wrong.File != l.file || l.problem != wrong.Error() {
		t.Errorf("version 8 gives %+v", l)
	}
	t.Setenv(OffVariable, "1")
	if l := find(); l.problem != "UDML_NO_CUDNN is 1" || l.wrong != nil {
		t.Errorf("switched off, %+v", l)
	}
}

// testFindNothing: no file, and a file that is no cuDNN.
func testFindNothing(t *testing.T, right string) {
	t.Setenv(FileVariable, "no such file")
	if l := find(); l.problem == "" || l.wrong != nil || l.version != 0 {
		t.Errorf("no file: %+v", l)
	}
	other := filepath.Join(filepath.Dir(right), "libcublasLt.so.12")
	t.Setenv(FileVariable, other)
	if l := find(); !strings.Contains(l.problem, other+" cannot be used: it has no function cudnnGetVersion") {
		t.Errorf("another library: %+v", l)
	}
}

func TestVersionText(t *testing.T) {
	for v, want := range map[int]string{8907: "8.9.7", 90501: "9.5.1", 92800: "9.28.0", 100000: "10.0.0"} {
		if got := versionText(v); got != want {
			t.Errorf("%d is %s, want %s", v, got, want)
		}
	}
	if major(8907) != 8 || major(90501) != 9 || major(100000) != 10 {
		t.Error("wrong major versions")
	}
}

// testConv: descriptions of convolutions, and the errors of what the library does not take.
func testConv(t *testing.T, file string) {
	t.Setenv(FileVariable, file)
	t.Setenv("UDML_EMU_CUDNN_REFUSE", "2")
	if l := find(); l.problem != "" {
		t.Fatal(l.problem)
	}
	h, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
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

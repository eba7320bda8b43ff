package cublas

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"
)

// standIn is a libcublasLt.so.12 that needs no GPU to be opened.
func standIn(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("g++"); err != nil {
		t.Skip("no g++ to build a stand-in for cuBLASLt with")
	}
	if open("no such file").problem == "this build was made without cgo" {
		t.Skip("this build was made without cgo")
	}
	dir := t.TempDir()
	if out, err := exec.Command("bash", "../../kernels/emu/libs/build.sh", dir).CombinedOutput(); err != nil {
		t.Fatalf("the stand-in does not build: %v\n%s", err, out)
	}
	return filepath.Join(dir, "libcublasLt.so.12")
}

// TestLibrary runs all that needs a library on one stand-in: building it takes some seconds.
func TestLibrary(t *testing.T) {
	file := standIn(t)
	t.Run("find", func(t *testing.T) { testFind(t, file) })
	t.Run("find nothing", func(t *testing.T) { testFindNothing(t, file) })
	t.Run("product", func(t *testing.T) { testProduct(t, file) })
}

func testFind(t *testing.T, file string) {
	t.Setenv(FileVariable, file)
	if l := find(); l.problem != "" || l.wrong != nil || l.version != 120903 || l.file != os.Getenv(FileVariable) {
		t.Errorf("found %+v", l)
	}
	for version, found := range map[string]string{"111103": "11.11.3", "140000": "14.0.0"} {
		t.Setenv("UDML_EMU_CUBLASLT_VERSION", version)
		var wrong *VersionError
		l := find()
		if !errors.As(l.wrong, &wrong) || wrong.Found != found || wrong.File != l.file || l.problem != wrong.Error() {
			t.Errorf("version %s gives %+v", version, l)
		}
	}
	t.Setenv(OffVariable, "1")
	if l := find(); l.problem != "UDML_NO_CUBLAS is 1" || l.wrong != nil {
		t.Errorf("switched off, %+v", l)
	}
}

// testFindNothing: no file, and files of which one is no cuBLASLt.
func testFindNothing(t *testing.T, right string) {
	t.Setenv(FileVariable, "no such file")
	if l := find(); l.problem == "" || l.wrong != nil || l.version != 0 {
		t.Errorf("no file: %+v", l)
	}
	other := filepath.Join(filepath.Dir(right), "libcudnn.so.9")
	if l := first([]string{"no such file", other}); !strings.Contains(l.problem, "no such file") ||
		!strings.Contains(l.problem, other+" cannot be used: it has no function cublasLtGetVersion") {
		t.Errorf("neither: %+v", l)
	}
	if l := first([]string{"no such file", right}); l.file != right || l.problem != "" {
		t.Errorf("the second: %+v", l)
	}
}

// testProduct: descriptions of products, and the errors of what the library does not take.
func testProduct(t *testing.T, file string) {
	t.Setenv(FileVariable, file)
	t.Setenv("UDML_EMU_CUBLASLT_REFUSE", "9")
	if l := find(); l.problem != "" {
		t.Fatal(l.problem)
	}
	h, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
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
	if _, err := h.NewProduct(Shape{M: 3, N: 5, K: 9}); !errors.Is(err, ErrNotSupported) {
		t.Errorf("a product without an algorithm: %v", err)
	}
}

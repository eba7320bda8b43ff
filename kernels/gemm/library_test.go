package gemm

import (
	"errors"
	"strings"
	"testing"

	"udml-gpu/cgo/cublas"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// onStandIn runs a test with the stand-in for cuBLASLt on the emulated device.
func onStandIn(t *testing.T, test func(t *testing.T, dev *kernels.Device), env ...string) {
	t.Helper()
	parity.OnStandIn(t, "libcublasLt.so.12", [2]string{cublas.FileVariable, cublas.OffVariable}, test, env...)
}

// TestLibrary: the library is used, its plans are kept, and a product for which it has none falls to the own kernel.
func TestLibrary(t *testing.T) {
	onStandIn(t, func(t *testing.T, dev *kernels.Device) {
		t.Setenv("UDML_EMU_CUBLASLT_REFUSE", "37")
		multiplyOn(t, dev, 37)
		multiplyOn(t, dev, 38)
		multiplyOn(t, dev, 38)
		plans := libraryOf(dev).products
		shape := cublas.Shape{M: 5, N: 7, K: 37}
		if plan, known := plans[shape]; !known || plan != nil {
			t.Errorf("the refused product is kept as %v, %v", plan, known)
		}
		shape.K = 38
		if plans[shape] == nil {
			t.Error("no plan was kept for a product that the library takes")
		}
		if name, why := BackendOf(dev); !strings.HasPrefix(name, "cuBLASLt 12.9") || why != cublas.File() {
			t.Errorf("BackendOf: %q, %q", name, why)
		}
	})
}

// multiplyOn checks ones [5,k] times ones [k,7].
func multiplyOn(t *testing.T, dev *kernels.Device, k int) {
	t.Helper()
	ones := make([]float32, 7*k)
	for i := range ones {
		ones[i] = 1
	}
	a, b, c := kernels.Of(dev, ones[:5*k], 5, k), kernels.Of(dev, ones, k, 7), dev.New(kernels.Float32, 5, 7)
	defer a.Free()
	defer b.Free()
	defer c.Free()
	Gemm(c, a, b, false, false, 1, 0)
	for i, v := range kernels.Read[float32](c) {
		if v != float32(k) {
			t.Fatalf("k %d: element %d is %g", k, i, v)
		}
	}
	if err := dev.Err(); err != nil {
		t.Fatal(err)
	}
}

// TestWrongVersion: a library of another major version is an error of the device, and says what to do.
func TestWrongVersion(t *testing.T) {
	onStandIn(t, func(t *testing.T, dev *kernels.Device) {
		name, why := BackendOf(dev)
		var wrong *cublas.VersionError
		if err := dev.Sync(); !errors.As(err, &wrong) || wrong.Found != "11.11.3" {
			t.Errorf("the device's fault is %v", err)
		}
		if name != "own kernels" || !strings.Contains(why, "is cuBLAS 11.11.3, and this program needs version 12 or 13") {
			t.Errorf("BackendOf: %q, %q", name, why)
		}
	}, "UDML_EMU_CUBLASLT_VERSION=111103")
}

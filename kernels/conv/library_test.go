package conv

import (
	"errors"
	"strings"
	"testing"

	"udml-gpu/cgo/cudnn"
	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// onStandIn runs a test with the stand-in for cuDNN on the emulated device.
func onStandIn(t *testing.T, test func(t *testing.T, dev *kernels.Device), env ...string) {
	t.Helper()
	parity.OnStandIn(t, "libcudnn.so.9", [2]string{cudnn.FileVariable, cudnn.OffVariable}, test, env...)
}

// TestLibrary: the library is used, its plans are kept, and shapes that it refuses, at once or only when called, go to the
// own kernels.
func TestLibrary(t *testing.T) {
	onStandIn(t, func(t *testing.T, dev *kernels.Device) {
		t.Setenv("UDML_EMU_CUDNN_REFUSE", "2")
		t.Setenv("UDML_EMU_CUDNN_REFUSE_LATE", "3")
		for stride, refused := range map[int]bool{1: false, 2: true, 3: true} {
			s := shape{1, 7, 7, 4, 5, 3, 3, stride, 1}
			forwardOn(t, dev, s)
			forwardOn(t, dev, s)
			pass := libraryOf(dev).plans[s.key()].passes[cudnn.Forward]
			if !pass.known || pass.refused != refused {
				t.Errorf("stride %d: known %v, refused %v", stride, pass.known, pass.refused)
			}
		}
		if name, why := BackendOf(dev); name != "cuDNN 9.5.1" || why != cudnn.File() {
			t.Errorf("BackendOf: %q, %q", name, why)
		}
	})
}

func (s shape) key() cudnn.Shape {
	return shapeOf(geometry{
		n: s.n, h: s.h, w: s.w, c: s.c, oh: s.spec().OutSize(s.h, s.kh), ow: s.spec().OutSize(s.w, s.kw), o: s.o,
		kh: s.kh, kw: s.kw, stride: s.stride, pad: s.pad,
	}, kernels.FP32)
}

// forwardOn compares the device with the CPU.
func forwardOn(t *testing.T, dev *kernels.Device, s shape) {
	t.Helper()
	x, w, b, y := s.arrays(kernels.CPU(), kernels.Float32)
	Forward(y, x, w, b, s.spec())
	var on [4]*kernels.Array
	for i, a := range []*kernels.Array{x, w, b, y} {
		on[i] = a.To(dev)
		defer on[i].Free()
	}
	on[3].Fill(0xff)
	Forward(on[3], on[0], on[1], on[2], s.spec())
	optest.Near(t, s.String(), on[3].To(kernels.CPU()), y, 2*bound(kernels.Float32, s.kh*s.kw*s.c+1))
	if err := dev.Err(); err != nil {
		t.Fatal(err)
	}
}

// TestWrongVersion: a library of another major version is an error of the device, and says what to do.
func TestWrongVersion(t *testing.T) {
	onStandIn(t, func(t *testing.T, dev *kernels.Device) {
		name, why := BackendOf(dev)
		var wrong *cudnn.VersionError
		if err := dev.Sync(); !errors.As(err, &wrong) || wrong.Found != "8.9.7" {
			t.Errorf("the device's fault is %v", err)
		}
		if name != "own kernels" || !strings.Contains(why, "is cuDNN 8.9.7, and this program needs version 9") {
			t.Errorf("BackendOf: %q, %q", name, why)
		}
	}, "UDML_EMU_CUDNN_VERSION=8907")
}

package conv

import (
	"errors"
	"strconv"
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
			pass := libraryOf(dev).plans[s.key(dev)].passes[cudnn.Forward][0]
			if !pass.known || pass.refused != refused {
				t.Errorf("stride %d: known %v, refused %v", stride, pass.known, pass.refused)
			}
		}
		if name, why := BackendOf(dev); name != "cuDNN 9.5.1" || why != cudnn.File() {
			t.Errorf("BackendOf: %q, %q", name, why)
		}
	})
}

// TestLibraryRefusesToAdd: a gradient that is added where cuDNN takes one that overwrites, of the same shape, is the own kernels'.
func TestLibraryRefusesToAdd(t *testing.T) {
	onStandIn(t, func(t *testing.T, dev *kernels.Device) {
		t.Setenv("UDML_EMU_CUDNN_REFUSE_BETA", "1")
		s := shape{1, 7, 7, 4, 5, 3, 3, 1, 1}
		for range 2 {
			for _, add := range []bool{false, true} {
				backwardOn(t, dev, s, add)
			}
		}
		passes := libraryOf(dev).plans[s.key(dev)].passes[cudnn.BackwardData]
		if p := passes[0]; !p.known || p.refused {
			t.Errorf("overwriting: known %v, refused %v", p.known, p.refused)
		}
		if p := passes[1]; !p.known || !p.refused {
			t.Errorf("adding: known %v, refused %v", p.known, p.refused)
		}
	})
}

// TestLibraryAnswers: whatever status cuDNN first answers for a shape, at the description, the question or the call, the own kernels
// compute, and it is said once. A failure of what it computed before is a fault.
func TestLibraryAnswers(t *testing.T) {
	onStandIn(t, func(t *testing.T, dev *kernels.Device) {
		var said []string
		dev.OnRemark(func(text string) { said = append(said, text) })
		strides := map[string]int{"UDML_EMU_CUDNN_REFUSE_DESCRIPTOR": 2, "UDML_EMU_CUDNN_REFUSE": 3, "UDML_EMU_CUDNN_REFUSE_LATE": 4}
		for i, status := range []string{"2003", "4000"} {
			said = nil
			t.Setenv("UDML_EMU_CUDNN_STATUS", status)
			for variable, stride := range strides {
				t.Setenv(variable, strconv.Itoa(stride))
				for _, rows := range []int{7, 7, 9} {
					forwardOn(t, dev, shape{1, rows + 4*i, 7, 4, 5, 3, 3, stride, 1})
				}
			}
			if len(said) != len(strides) {
				t.Errorf("said %q", said)
			}
			for _, text := range said {
				if !strings.HasSuffix(text, "(status "+status+"); own kernels compute such convolutions") {
					t.Errorf("said %q", text)
				}
			}
		}
		s := shape{1, 7, 7, 4, 5, 3, 3, 1, 1}
		forwardOn(t, dev, s)
		t.Setenv("UDML_EMU_CUDNN_REFUSE_LATE", "1")
		x, w, b, y := s.arrays(kernels.CPU(), kernels.Float32)
		Forward(y.To(dev), x.To(dev), w.To(dev), b.To(dev), s.spec())
		if err := dev.Sync(); err == nil || !strings.Contains(err.Error(), "(status 4000)") || len(said) != len(strides) {
			t.Errorf("the fault is %v; said %q", err, said)
		}
	})
}

func (s shape) key(dev *kernels.Device) cudnn.Shape {
	return shapeOf(geometry{
		n: s.n, h: s.h, w: s.w, c: s.c, oh: s.spec().OutSize(s.h, s.kh), ow: s.spec().OutSize(s.w, s.kw), o: s.o,
		kh: s.kh, kw: s.kw, stride: s.stride, pad: s.pad,
	}, dev.Outline(kernels.Float32))
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

// backwardOn compares the gradient of x on the device with the CPU.
func backwardOn(t *testing.T, dev *kernels.Device, s shape, add bool) {
	t.Helper()
	x, w, _, dy := s.arrays(kernels.CPU(), kernels.Float32)
	dx := optest.As(x, kernels.Float32)
	on := [3]*kernels.Array{dx.To(dev), w.To(dev), dy.To(dev)}
	BackwardData(dx, dy, w, s.spec(), add)
	BackwardData(on[0], on[2], on[1], s.spec(), add)
	optest.Near(t, s.String(), on[0].To(kernels.CPU()), dx, 2*bound(kernels.Float32, s.kh*s.kw*s.o+1))
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

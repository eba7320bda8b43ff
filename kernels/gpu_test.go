package kernels_test

import (
	"slices"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/join"
	"udml-gpu/kernels/parity"
)

// fresh is a GPU of the test's own, to break or to close.
func fresh(t *testing.T) *kernels.Device {
	t.Helper()
	if parity.GPU(t) == nil {
		t.Skip("no GPU, and none is required (REQUIRE_CUDA=1)")
	}
	dev, err := kernels.CUDA(0, kernels.FP32)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(dev.Close)
	return dev
}

func TestGPUArrays(t *testing.T) {
	dev := fresh(t)
	a := kernels.Of(dev, []float32{0, 1, 2, 3, 4, 5}, 2, 3)
	if got := kernels.Read[float32](a.Rows(1, 2)); !slices.Equal(got, []float32{3, 4, 5}) {
		t.Errorf("row 1 is %v", got)
	}
	b := dev.New(kernels.Float32, 6)
	b.View(1, 5).CopyFrom(a.View(0, 5))
	if got := kernels.Read[float32](b); !slices.Equal(got, []float32{0, 0, 1, 2, 3, 4}) {
		t.Errorf("copied on the device: %v", got)
	}
	host := a.To(kernels.CPU())
	host.View(0, 1).CopyFrom(b.View(5, 1))
	a.CopyFrom(host)
	if got := a.Dense().Data().([]float32); !slices.Equal(got, []float32{4, 1, 2, 3, 4, 5}) {
		t.Errorf("there and back: %v", got)
	}
	a.Zero()
	a.View(2, 1).Fill(0xff)
	if got := kernels.Read[float32](a); got[0] != 0 || got[2] == got[2] {
		t.Errorf("filled: %v", got)
	}
	a.Free()
	b.Free()
	if n := dev.LiveBytes(); n != 0 {
		t.Errorf("%d bytes live", n)
	}
}

// TestGPUQueueRunsInOrder: memory that is freed and handed out again is not overwritten before its last reader ran.
func TestGPUQueueRunsInOrder(t *testing.T) {
	dev := fresh(t)
	sum := dev.New(kernels.Float32, 1000)
	for i := range 50 {
		x := dev.Scratch(kernels.Float32, 1000)
		kernels.Write(x, slices.Repeat([]float32{float32(i)}, 1000))
		join.AddTo(sum, x)
		x.Free()
	}
	for _, v := range kernels.Read[float32](sum) {
		if v != 49*50/2 {
			t.Fatalf("sum %g, want %d", v, 49*50/2)
		}
	}
	sum.Free()
}

// TestGPUFaultIsSticky: after a fault ops do nothing, nothing hangs, and the first error stays.
func TestGPUFaultIsSticky(t *testing.T) {
	dev := fresh(t)
	x := kernels.Of(dev, []float32{1}, 1)
	dev.Launch(noSuchKernel, kernels.Elements(1), kernels.Ptr(x))
	err := dev.Sync()
	if err == nil || !strings.Contains(err.Error(), "test_no_such_kernel") {
		t.Fatalf("error %v", err)
	}
	join.AddTo(x, x)
	if got := kernels.Read[float32](x); got[0] != 0 {
		t.Errorf("read %v from a broken device, want zeros", got)
	}
	if again := dev.Err(); again != err {
		t.Errorf("then %v", again)
	}
	x.Free()
}

var noSuchKernel = kernels.NewKernel("test_no_such_kernel")

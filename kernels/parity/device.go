package parity

import (
	"os"
	"sync"
	"testing"

	"udml-gpu/cgo/cuda"
	"udml-gpu/kernels"
)

// small: only small cases are wanted.
func small() bool { return os.Getenv("UDML_PARITY_SMALL") == "1" }

// Required says that a GPU, or the emulated one, must be there: tests then fail without it instead of leaving it out.
func Required() bool { return os.Getenv("REQUIRE_CUDA") == "1" }

// Devices are the CPU and, where there is one, a GPU. A test that goes on without a GPU where one is required fails.
func Devices(t testing.TB) []*kernels.Device {
	t.Helper()
	list := []*kernels.Device{kernels.CPU()}
	if gpu := GPU(t); gpu != nil {
		list = append(list, gpu)
	}
	return list
}

// open is the GPU that the tests of this process share.
var open = sync.OnceValues(func() (*kernels.Device, error) {
	dev, err := kernels.CUDA(0, kernels.FP32)
	if err == nil {
		dev.PoisonScratch()
	}
	return dev, err
})

// GPU is the GPU, or nil where there is none and none is required. A driver that is there but fails, fails the test. The test
// counts as one of the device from here on.
func GPU(t testing.TB) *kernels.Device {
	t.Helper()
	if !Required() && cuda.Problem() != "" {
		return nil
	}
	dev, err := open()
	if err != nil {
		t.Fatalf("no GPU to test on: %v", err)
	}
	if err := dev.Err(); err != nil {
		t.Fatalf("an earlier test broke the GPU: %v", err)
	}
	Took(t, dev.Info().Name)
	return dev
}

// OnGPU runs a test on the GPU, or says that it is left out.
func OnGPU(t *testing.T, f func(t *testing.T, dev *kernels.Device)) {
	t.Helper()
	dev := GPU(t)
	if dev == nil {
		t.Skip("no GPU, and none is required (REQUIRE_CUDA=1)")
	}
	f(t, dev)
}

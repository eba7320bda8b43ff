package kernels_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// large is dropout as a kernel that asks for more shared memory than every kernel has.
var large = kernels.NewSharedKernel("act_dropout", kernels.MostShared)

// TestGPUSharedMemory: a launch may have the shared memory that every supported GPU has, and a kernel that was launched with less
// before may ask for more.
func TestGPUSharedMemory(t *testing.T) {
	t.Setenv("UDML_EMU_LAUNCHES", "") // the emulated GPU's list has the program's own launches alone
	dev := fresh(t)
	if got := dev.Info().SharedPerBlock; got < kernels.MostShared || parity.Emulated(t) && got != kernels.MostShared {
		t.Errorf("a block may have %d bytes", got)
	}
	f, b := kernels.Ptr(dev.New(kernels.Float32, 4)), kernels.Ptr(dev.New(kernels.Uint8, 4))
	args := []kernels.Arg{f, f, b, kernels.F32(2), kernels.I64(0), kernels.I32(0)}
	for _, shared := range []int{0, 48 << 10, 50 << 10, kernels.MostShared, 60 << 10} {
		l := kernels.Elements(1)
		l.Shared = shared
		dev.Launch(large, l, args...)
		if err := dev.Sync(); err != nil {
			t.Fatalf("%d bytes: %v", shared, err)
		}
	}
	if got := refusal(func() { dev.Launch(dropout, kernels.Launch{Shared: 50 << 10}, args...) }); got == "" {
		t.Error("a launch with more than its kernel was declared with")
	}
}

// TestSharedMemoryDeclared: a kernel that some supported GPUs cannot run is not declared.
func TestSharedMemoryDeclared(t *testing.T) {
	want := "kernels: wide declared with 101377 bytes of shared memory; some GPUs have 101376"
	if got := refusal(func() { kernels.NewSharedKernel("wide", kernels.MostShared+1) }); got != want {
		t.Errorf("%q", got)
	}
}
